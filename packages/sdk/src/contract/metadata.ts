import * as z from 'zod'

/** How an entity belongs to another: `run_of`, `consumes`, `part_of` …, and the other's key. */
export const Relationship = z.looseObject({ type: z.string(), dest: z.string() }).meta({ id: 'Relationship' })
export type Relationship = z.infer<typeof Relationship>

/** What describes an entity. `created`, `updated` and who did it are the server's; whatever clients send there is replaced. */
export const Metadata = z
  .looseObject({
    project: z.string().optional(),
    name: z.string().optional(),
    description: z.string().optional(),
    version: z.string().optional(),
    labels: z.array(z.unknown()).optional(),
    embedded: z.boolean().optional(),
    relationships: z.array(Relationship).optional(),
    created: z.string().optional(),
    updated: z.string().optional(),
    created_by: z.string().optional(),
    updated_by: z.string().optional(),
  })
  .meta({ id: 'Metadata' })
export type Metadata = z.infer<typeof Metadata>

const Status = z.looseObject({ state: z.string().optional() })

/** The fields that every entity is sent back with. */
export const entityFields = {
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  project: z.string(),
  key: z.string(),
  user: z.string(),
  metadata: Metadata,
} as const

/** The fields that every entity may be created with. The server makes `key`, `user` and all that is missing. */
export const createFields = {
  key: z.string().optional(),
  user: z.string().optional(),
  metadata: Metadata.optional(),
  status: Status.optional(),
} as const
