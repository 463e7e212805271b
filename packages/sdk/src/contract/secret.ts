import * as z from 'zod'
import { createFields, entityFields } from './metadata.ts'
import { EntityId } from './name.ts'

/** A secret's name becomes the name of the variable that carries it. */
export const SecretName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[\w-]+$/, 'must hold only letters, digits, _ and -')
  .meta({ id: 'SecretName' })

export const SecretSpec = z
  .looseObject({ path: z.string().regex(/^secret:\/\/[\w-]+$/, 'must be secret://<name>'), provider: z.string() })
  .meta({ id: 'SecretSpec' })

/** The entity says that a secret exists; its value is only ever behind `secrets/data`. */
export const Secret = z.looseObject({ ...entityFields, spec: SecretSpec, status: z.looseObject({ state: z.string() }) }).meta({ id: 'Secret' })
export type Secret = z.infer<typeof Secret>

export const SecretCreate = z
  .looseObject({
    ...createFields,
    id: EntityId.optional(),
    name: SecretName,
    kind: z.literal('secret').optional(),
    project: z.string().optional(),
    spec: SecretSpec.optional(),
  })
  .meta({ id: 'SecretCreate' })
export type SecretCreate = z.infer<typeof SecretCreate>

/** Whose values one request may read or set. */
export const MOST_SECRETS = 1000

/** Name → value. Values are 1 MiB at most, Kubernetes' own bound. */
export const SecretData = z
  .record(SecretName, z.string().max(1_048_576))
  .refine((data) => Object.keys(data).length <= MOST_SECRETS, `must hold at most ${MOST_SECRETS} secrets`)
  .meta({ id: 'SecretData', maxProperties: MOST_SECRETS })
export type SecretData = z.infer<typeof SecretData>
