import { DavitError, FOREIGN, isForeign, notFound } from 'davit/contract'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { noSuchSpec } from './no-such-spec.ts'
import { noSuchProject } from './projects.ts'

export interface Place {
  readonly project: string
  readonly collection: string
}

const singular = (collection: string): string => {
  if (isForeign(collection)) return FOREIGN[collection]
  throw new DavitError('not_found', `No such path: there is no collection ${collection} in a project`, { hint: 'GET /openapi.json describes this API' })
}

/** What DigitalHub has and Davit does not: empty, and nothing can be put there. */
export const foreignService = ({ store }: ServiceDeps) => ({
  /** No entities; throws `not_found` for a project or a collection that does not exist. */
  async list(caller: Caller, { project, collection }: Place): Promise<void> {
    singular(collection)
    assertMay(caller, 'project.read', project)
    if (!(await store.projects.find(project))) throw noSuchProject(project)
  },

  async create(caller: Caller, { project, collection }: Place, entity: unknown): Promise<never> {
    const name = singular(collection)
    assertMay(caller, 'function.write', project)
    throw noSuchSpec(entity, `Davit runs containers; it keeps no ${name}`)
  },

  async get(caller: Caller, { project, collection, id }: Place & { readonly id: string }): Promise<never> {
    const entity = singular(collection)
    assertMay(caller, 'project.read', project)
    throw notFound(entity, `Davit runs containers; it has no ${entity} ${id}.`)
  },

  async deleteByName(caller: Caller, { project, collection }: Place): Promise<void> {
    singular(collection)
    assertMay(caller, 'function.delete', project)
  },
})
