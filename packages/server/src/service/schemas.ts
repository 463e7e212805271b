import { DavitError, type EntitySchema, schemasOf } from 'davit/contract'
import { assertMay, type Caller } from './access.ts'

/** What entities are described with: the same for every caller who may ask at all. */
export const schemaService = () => ({
  list(caller: Caller, entity: string, runtime: string | undefined): readonly EntitySchema[] {
    assertMay(caller, 'server.read')
    return schemasOf(entity).filter((schema) => runtime === undefined || schema.runtime === runtime)
  },

  get(caller: Caller, entity: string, kind: string): EntitySchema {
    assertMay(caller, 'server.read')
    const found = schemasOf(entity).find((schema) => schema.kind === kind)
    if (!found) throw new DavitError('not_found', 'No such spec.', { hint: `GET /api/v1/schemas/${entity} lists the kinds` })
    return found
  },

  /** There are none. */
  templates(caller: Caller): void {
    assertMay(caller, 'server.read')
  },
})
