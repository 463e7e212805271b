import * as z from 'zod'
import { keysOf } from './table.ts'

/** What a volume is made of, and whether its content outlives the run's containers. */
export const VOLUME_TYPES = {
  empty_dir: { outlivesAttempt: false },
  ephemeral: { outlivesAttempt: false },
  persistent_volume_claim: { outlivesAttempt: true },
  shared_volume: { outlivesAttempt: true },
  config_map: { outlivesAttempt: false },
  secret: { outlivesAttempt: false },
  image: { outlivesAttempt: false },
} as const satisfies Record<string, { outlivesAttempt: boolean }>
export type VolumeType = keyof typeof VOLUME_TYPES

/**
 * A volume and where it is mounted. `spec` by type: `empty_dir` {size_limit, medium}, `ephemeral` and `persistent_volume_claim`
 * {size, storage_class, access_mode, claim_name: an existing one}, `shared_volume` {claim_name} (default: the volume's name), `config_map` {items: file name → text, or config_map_name: an existing one},
 * `secret` {secret_name}, `image` {image}; all may have {sub_path, read_only}. Keys are taken in snake_case and in camelCase.
 */
export const Volume = z
  .looseObject({
    volume_type: z.enum(keysOf(VOLUME_TYPES)),
    name: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[a-zA-Z0-9._-]+$/, 'must hold only letters, digits and . _ -'),
    mount_path: z.string().regex(/^\/[^\x00:]*$/, 'must be an absolute path without a colon'),
    spec: z.looseObject({}).optional(),
  })
  .meta({ id: 'Volume' })
export type Volume = z.infer<typeof Volume>
