import type * as z from 'zod'
import { api } from '#contract/endpoints.ts'
import { newEntityId } from '#contract/name.ts'
import type { Secret, SecretCreate, SecretData } from '#contract/secret.ts'
import type { Known } from './known.ts'
import { listOf } from './list.ts'
import { only } from './only.ts'
import type { CallOptions } from './options.ts'
import type { Pages, Paging } from './pages.ts'
import { createdBefore, deletedBefore, Resource } from './resource.ts'

export type SecretInput = Known<z.input<typeof SecretCreate>>

/** `/api/v1/-/{project}/secrets`: entities without values, and the values behind `secrets/data`. */
export class Secrets extends Resource {
  list(project: string, filters?: Paging, options?: CallOptions): Pages<Secret> {
    return listOf({ read: (query) => this.call(api.secrets.list, { params: { project }, query, options }), filters })
  }

  get(project: string, id: string, options?: CallOptions): Promise<Secret> {
    return this.call(api.secrets.get, { params: { project, id }, options })
  }

  /** The secret of a name; undefined when there is none. */
  async find(project: string, name: string, options?: CallOptions): Promise<Secret | undefined> {
    for await (const secret of this.list(project, { size: 1000 }, options)) if (secret.name === name) return secret
    return undefined
  }

  /** Declares a secret; its value is set apart. Throws `duplicate` when the name is taken. */
  create(project: string, body: SecretInput, options?: CallOptions): Promise<Secret> {
    const { id = newEntityId(), kind = 'secret', spec = { path: `secret://${body.name}`, provider: 'kubernetes' } } = body
    const recover = createdBefore(() => this.get(project, id, options))
    return this.call(api.secrets.create, { params: { project }, body: { ...body, id, kind, spec }, options, recover })
  }

  /** Sets values by name, declaring the secrets that do not exist yet. Safe when several do it at once. */
  async set(project: string, values: SecretData, options?: CallOptions): Promise<void> {
    const names = new Set(Object.keys(values))
    for await (const secret of this.list(project, { size: 1000 }, options)) names.delete(secret.name)
    for (const name of names) await this.create(project, { name }, options).catch(only('duplicate'))
    await this.call(api.secrets.writeData, { params: { project }, body: values, options })
  }

  /** The values of these secrets by name. */
  async values(project: string, names: readonly string[], options?: CallOptions): Promise<SecretData> {
    return names.length === 0 ? {} : this.call(api.secrets.readData, { params: { project }, query: { keys: names.join(',') }, options })
  }

  /** Deletes a secret and its value. */
  async delete(project: string, id: string, options?: CallOptions): Promise<void> {
    await this.call(api.secrets.delete, { params: { project, id }, options, recover: deletedBefore })
  }
}
