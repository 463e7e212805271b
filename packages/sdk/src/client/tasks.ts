import type * as z from 'zod'
import { api } from '#contract/endpoints.ts'
import { DavitError } from '#contract/error.ts'
import { functionRef } from '#contract/key.ts'
import { type Action, taskKindOf } from '#contract/kind.ts'
import { newEntityId } from '#contract/name.ts'
import type { Task, TaskCreate } from '#contract/task.ts'
import type { Known } from './known.ts'
import { type CommonFilters, type DeleteOptions, listOf } from './list.ts'
import type { CallOptions } from './options.ts'
import type { Pages } from './pages.ts'
import { createdBefore, deletedBefore, Resource } from './resource.ts'

export type TaskInput = Known<z.input<typeof TaskCreate>>

export interface TaskFilters extends CommonFilters {
  /** A function version, as `container://project/name:id`. */
  readonly function?: string | undefined
}

/** The function version that a task belongs to; a function entity is one. */
export interface FunctionVersion {
  readonly project: string
  readonly kind: string
  readonly name: string
  readonly id: string
}

/** `/api/v1/-/{project}/tasks` */
export class Tasks extends Resource {
  list(project: string, filters?: TaskFilters, options?: CallOptions): Pages<Task> {
    return listOf({ read: (query) => this.call(api.tasks.list, { params: { project }, query, options }), filters })
  }

  get(project: string, id: string, options?: CallOptions): Promise<Task> {
    return this.call(api.tasks.get, { params: { project, id }, options })
  }

  /** The task of a function version and an action; undefined when there is none yet. */
  async find(project: string, fn: FunctionVersion, action: Action, options?: CallOptions): Promise<Task | undefined> {
    const { items } = await this.list(project, { kind: taskKindOf(action), function: functionRef(fn), size: 1 }, options)
    return items[0]
  }

  /** Throws `duplicate` when the function version has a task of that kind. */
  create(project: string, body: TaskInput, options?: CallOptions): Promise<Task> {
    const { id = newEntityId() } = body
    return this.call(api.tasks.create, { params: { project }, body: { ...body, id }, options, recover: createdBefore(() => this.get(project, id, options)) })
  }

  /** The task of a function version and an action, made when there is none. Safe when several do it at once. */
  async ensure(project: string, fn: FunctionVersion, action: Action, options?: CallOptions): Promise<Task> {
    const found = await this.find(project, fn, action, options)
    if (found) return found
    try {
      return await this.create(project, { kind: taskKindOf(action), spec: { function: functionRef(fn) } }, options)
    } catch (error) {
      const others = error instanceof DavitError && error.code === 'duplicate' ? await this.find(project, fn, action, options) : undefined
      if (!others) throw error
      return others
    }
  }

  /** Replaces the defaults that the task gives to its runs. */
  update(project: string, id: string, body: TaskInput, options?: CallOptions): Promise<Task> {
    return this.call(api.tasks.update, { params: { project, id }, body, options })
  }

  /** Deletes the task with its runs; without `cascade` they stay. */
  async delete(project: string, id: string, { cascade = true, ...options }: DeleteOptions = {}): Promise<void> {
    await this.call(api.tasks.delete, { params: { project, id }, query: { cascade }, options, recover: deletedBefore })
  }
}
