import * as z from 'zod'
import { endpoint } from './endpoint.ts'
import { entityFields } from './metadata.ts'
import { pageOf, pageQuery } from './page.ts'
import { isKeyOf } from './table.ts'

/**
 * Collections that DigitalHub has and Davit does not, and what one of them is called. Official clients list them by themselves (a
 * project's import and export does), so they exist and are empty.
 */
export const FOREIGN = {
  artifacts: 'artifact',
  containerimages: 'containerimage',
  dataitems: 'dataitem',
  extensions: 'extension',
  models: 'model',
  triggers: 'trigger',
  workflows: 'workflow',
} as const satisfies Record<string, string>
export type Foreign = keyof typeof FOREIGN
export const isForeign = (collection: string): collection is Foreign => isKeyOf(FOREIGN, collection)

const Embedded = z.looseObject({ metadata: z.looseObject({ embedded: z.literal(true) }) })
/** Whether an entity is a part of its project's own description, as the SDK sends those of a project that it imports. */
export const isEmbedded = (entity: unknown): boolean => Embedded.safeParse(entity).success

const ForeignEntity = z.looseObject(entityFields).meta({ id: 'ForeignEntity' })
const ALL = '/api/v1/-/:project/:collection'
const ONE = `${ALL}/:id` as const
const COLLECTIONS = 'artifacts, dataitems, models, workflows, triggers …'
const Anything = z.unknown()

export const foreignEndpoints = {
  list: endpoint({
    method: 'GET',
    path: ALL,
    summary: `List ${COLLECTIONS}: there are none`,
    query: z.looseObject({ ...pageQuery }),
    returns: pageOf(ForeignEntity),
  }),
  create: endpoint({ method: 'POST', path: ALL, summary: `Create one of ${COLLECTIONS}: refused`, body: Anything, returns: ForeignEntity }),
  deleteByName: endpoint({ method: 'DELETE', path: ALL, summary: `Delete ${COLLECTIONS} by name: there are none`, returns: Anything }),
  get: endpoint({ method: 'GET', path: ONE, summary: `Read one of ${COLLECTIONS}: there is none`, returns: ForeignEntity }),
  update: endpoint({ method: 'PUT', path: ONE, summary: `Replace one of ${COLLECTIONS}: there is none`, body: Anything, returns: ForeignEntity }),
  delete: endpoint({ method: 'DELETE', path: ONE, summary: `Delete one of ${COLLECTIONS}: there is none`, returns: Anything }),
} as const
