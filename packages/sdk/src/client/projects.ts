import type * as z from 'zod'
import { api } from '#contract/endpoints.ts'
import type { Project, ProjectCreate } from '#contract/project.ts'
import type { Known } from './known.ts'
import { type CommonFilters, type DeleteOptions, listOf } from './list.ts'
import { only } from './only.ts'
import type { CallOptions } from './options.ts'
import type { Pages } from './pages.ts'
import { createdBefore, deletedBefore, Resource } from './resource.ts'

export type ProjectInput = Known<z.input<typeof ProjectCreate>>

/** `/api/v1/projects` */
export class Projects extends Resource {
  /** Their names in order; `name` matches a part. */
  list(filters?: CommonFilters, options?: CallOptions): Pages<Project> {
    return listOf({ read: (query) => this.call(api.projects.list, { params: {}, query, options }), filters })
  }

  /** The project with its latest functions in `spec.functions`. Throws `not_found`. */
  get(name: string, options?: CallOptions): Promise<Project> {
    return this.call(api.projects.get, { params: { name }, options })
  }

  /** Throws `duplicate` when the name is taken. */
  create(body: ProjectInput, options?: CallOptions): Promise<Project> {
    return this.call(api.projects.create, { params: {}, body, options, recover: createdBefore(() => this.get(body.name, options)) })
  }

  /** The project as it is, or a new one made of `body`. Safe when several do it at once. */
  async getOrCreate(name: string, body: Omit<ProjectInput, 'name'> = {}, options?: CallOptions): Promise<Project> {
    const found = await this.get(name, options).catch(only('not_found'))
    if (found) return found
    return (await this.create({ ...body, name }, options).catch(only('duplicate'))) ?? this.get(name, options)
  }

  /** Replaces metadata and spec. */
  update(name: string, body: ProjectInput, options?: CallOptions): Promise<Project> {
    return this.call(api.projects.update, { params: { name }, body, options })
  }

  /** With `cascade` all that is in it goes too, running runs included. */
  async delete(name: string, { cascade, ...options }: DeleteOptions = {}): Promise<void> {
    await this.call(api.projects.delete, { params: { name }, query: { cascade }, options, recover: deletedBefore })
  }
}
