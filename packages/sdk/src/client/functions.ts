import type * as z from 'zod'
import { api } from '#contract/endpoints.ts'
import { notFound } from '#contract/error.ts'
import type { ContainerFunction, FunctionCreate } from '#contract/function.ts'
import { newEntityId } from '#contract/name.ts'
import type { Known } from './known.ts'
import { type CommonFilters, type DeleteOptions, listOf } from './list.ts'
import type { CallOptions } from './options.ts'
import type { Pages } from './pages.ts'
import { createdBefore, deletedBefore, Resource } from './resource.ts'

export type FunctionInput = Known<z.input<typeof FunctionCreate>>

export interface FunctionFilters extends CommonFilters {
  /** A part of the id or name. */
  readonly q?: string | undefined
  /** Every one must be on the function. */
  readonly labels?: string | readonly string[] | undefined
  /** `latest` (default): one row a name. `all`: every version. */
  readonly versions?: 'latest' | 'all' | undefined
}

/** `/api/v1/-/{project}/functions`: each entity is one version of a function. */
export class Functions extends Resource {
  /** Newest first. */
  list(project: string, filters?: FunctionFilters, options?: CallOptions): Pages<ContainerFunction> {
    return listOf({ read: (query) => this.call(api.functions.list, { params: { project }, query, options }), filters })
  }

  get(project: string, id: string, options?: CallOptions): Promise<ContainerFunction> {
    return this.call(api.functions.get, { params: { project, id }, options })
  }

  /** The newest version under a name. Throws `not_found`. */
  async latest(project: string, name: string, options?: CallOptions): Promise<ContainerFunction> {
    const { items } = await this.list(project, { name, size: 1 }, options)
    const [found] = items
    if (!found) throw notFound('function', `There is none named ${name} in project ${project}.`)
    return found
  }

  /** All versions of a name, newest first. */
  versions(project: string, name: string, options?: CallOptions): Pages<ContainerFunction> {
    return this.list(project, { name, versions: 'all' }, options)
  }

  /** A new function, or a new version of one. Throws `duplicate` when the id is taken. */
  create(project: string, body: FunctionInput, options?: CallOptions): Promise<ContainerFunction> {
    const { id = newEntityId() } = body
    return this.call(api.functions.create, {
      params: { project },
      body: { ...body, id },
      options,
      recover: createdBefore(() => this.get(project, id, options)),
    })
  }

  /** Replaces the metadata; a version's spec never changes. */
  update(project: string, id: string, body: FunctionInput, options?: CallOptions): Promise<ContainerFunction> {
    return this.call(api.functions.update, { params: { project, id }, body, options })
  }

  /** Deletes one version with its tasks and runs; without `cascade` its runs stay. */
  async delete(project: string, id: string, { cascade = true, ...options }: DeleteOptions = {}): Promise<void> {
    await this.call(api.functions.delete, { params: { project, id }, query: { cascade }, options, recover: deletedBefore })
  }

  /** Deletes all versions of a name with their tasks and runs; none is no error. */
  async deleteAll(project: string, name: string, options?: CallOptions): Promise<void> {
    await this.call(api.functions.deleteByName, { params: { project }, query: { name, cascade: true }, options })
  }
}
