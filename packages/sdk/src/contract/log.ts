import * as z from 'zod'
import { entityFields } from './metadata.ts'

/**
 * One container's log in the superset of the forms that the official clients parse. `content` is base64 of the raw bytes: all that is stored, but in
 * lists the end where a page would grow too large: `status.omitted` then counts the bytes before it.
 */
export const Log = z
  .looseObject({
    ...entityFields,
    run: z.string(),
    spec: z.looseObject({ run: z.string() }),
    status: z.looseObject({ state: z.string(), container: z.string(), pod: z.string(), namespace: z.string(), omitted: z.int().optional() }),
    extensions: z.looseObject({ container: z.string(), pod: z.string(), namespace: z.string() }),
    content: z.string(),
  })
  .meta({ id: 'Log' })
export type Log = z.infer<typeof Log>

/**
 * A piece of one container's log stream, a line of NDJSON. `offset` counts bytes from the container's first; `data` is base64.
 * `dropped` says how many bytes before `offset` are no longer stored. The last line of a stream that ended has `end: true`.
 */
export const LogChunk = z
  .looseObject({
    container: z.string(),
    attempt: z.int(),
    offset: z.int(),
    data: z.string(),
    dropped: z.int().optional(),
    end: z.boolean().optional(),
  })
  .meta({ id: 'LogChunk' })
export type LogChunk = z.infer<typeof LogChunk>
