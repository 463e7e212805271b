import type * as z from 'zod'
import { DavitError } from '#contract/error.ts'
import { unknownFields } from '#contract/unknown-fields.ts'

/** Throws `invalid` that names the first field which `schema` does not know, and the one that was probably meant. */
export const refuseUnknown = (what: string, schema: z.ZodType, fields: object): void => {
  const [unknown] = unknownFields(schema, fields)
  if (!unknown) return
  throw new DavitError('invalid', `${what} has no parameter ${unknown.path}`, {
    path: unknown.path,
    ...(unknown.nearest !== undefined && { hint: `did you mean ${unknown.nearest}?` }),
  })
}
