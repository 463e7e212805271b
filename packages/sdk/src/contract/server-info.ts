import * as z from 'zod'

/** What a server says of itself, for `davit doctor` and clients that adapt. Sizes in bytes. */
export const ServerInfo = z
  .looseObject({
    version: z.string(),
    api_level: z.int(),
    engine: z.looseObject({ name: z.string(), version: z.string().optional(), healthy: z.boolean(), detail: z.string().optional() }),
    database: z.looseObject({ version: z.string(), embedded: z.boolean(), healthy: z.boolean() }),
    runs: z.looseObject({ active: z.int() }),
  })
  .meta({ id: 'ServerInfo' })
export type ServerInfo = z.infer<typeof ServerInfo>

/** The API level that every line of the official SDK since 0.8 accepts, the 0.16 betas included. */
export const API_LEVEL = 16
