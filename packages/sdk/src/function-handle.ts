import type { Davit } from '#client/davit.ts'
import type { DeleteOptions } from '#client/list.ts'
import type { CallOptions } from '#client/options.ts'
import type { Pages } from '#client/pages.ts'
import type { RunFilters } from '#client/runs.ts'
import { notFound } from '#contract/error.ts'
import type { ContainerFunction, FunctionSpec } from '#contract/function.ts'
import { functionRef } from '#contract/key.ts'
import { type Action, taskKindOf } from '#contract/kind.ts'
import type { Task } from '#contract/task.ts'
import { type Description, metadataOf } from './describe.ts'
import { RunHandle } from './run-handle.ts'
import { actionNamed, type RunParameters, refuseUnknownRunParameters, refuseUnknownTaskParameters, runInput, type TaskParameters } from './run-input.ts'

/** One version of a function, and what can be done with it. */
export class FunctionHandle {
  readonly client: Davit
  #fn: ContainerFunction

  constructor(client: Davit, fn: ContainerFunction) {
    this.client = client
    this.#fn = fn
  }

  /** The plain entity as last read. */
  get entity(): ContainerFunction {
    return this.#fn
  }
  get id(): string {
    return this.#fn.id
  }
  get name(): string {
    return this.#fn.name
  }
  get project(): string {
    return this.#fn.project
  }
  get kind(): string {
    return this.#fn.kind
  }
  get key(): string {
    return this.#fn.key
  }
  get spec(): FunctionSpec {
    return this.#fn.spec
  }
  get metadata(): ContainerFunction['metadata'] {
    return this.#fn.metadata
  }

  /**
   * Submits a run of this version and returns at once (`wait: true`: when a job is final, a deployment or service ready).
   * Throws `invalid` for an unknown action or parameter, before anything is sent.
   */
  async run(action: Action, parameters: RunParameters = {}, options: CallOptions = {}): Promise<RunHandle> {
    const known = actionNamed(action)
    refuseUnknownRunParameters(parameters)
    const task = await this.client.tasks.ensure(this.project, this.#fn, known, options)
    const run = await this.client.runs.create(this.project, runInput({ fn: this.#fn, task, action: known, parameters }), options)
    const handle = new RunHandle(this.client, run)
    return parameters.wait === true ? handle.wait({ ...options, until: known === 'job' ? 'final' : 'ready' }) : handle
  }

  /** Its runs, newest first. */
  runs(filters: RunFilters = {}, options?: CallOptions): Pages<RunHandle> {
    return this.client.runs.list(this.project, { ...filters, function: functionRef(this.#fn) }, options).map((run) => new RunHandle(this.client, run))
  }

  /** Makes the task of an action, with defaults for its runs. Throws `duplicate` when there is one. */
  async newTask(action: Action, parameters: TaskParameters = {}, options?: CallOptions): Promise<Task> {
    refuseUnknownTaskParameters(parameters)
    return this.client.tasks.create(this.project, { kind: taskKindOf(actionNamed(action)), spec: { ...parameters, function: functionRef(this.#fn) } }, options)
  }

  /** Throws `not_found` when there is none yet. */
  async getTask(action: Action, options?: CallOptions): Promise<Task> {
    const task = await this.client.tasks.find(this.project, this.#fn, actionNamed(action), options)
    if (!task) throw notFound('task', `Function ${this.name} has none for ${action}.`, `make one with newTask('${action}') or run('${action}')`)
    return task
  }

  /** Replaces the given defaults, keeps the others. */
  async updateTask(action: Action, parameters: TaskParameters, options?: CallOptions): Promise<Task> {
    refuseUnknownTaskParameters(parameters)
    const task = await this.getTask(action, options)
    return this.client.tasks.update(this.project, task.id, { ...task, spec: { ...task.spec, ...parameters, function: task.spec.function } }, options)
  }

  /** Deletes the task of an action with its runs. */
  async deleteTask(action: Action, options: DeleteOptions = {}): Promise<void> {
    const task = await this.getTask(action, options)
    await this.client.tasks.delete(this.project, task.id, options)
  }

  listTasks(options?: CallOptions): Promise<Task[]> {
    return this.client.tasks.list(this.project, { function: functionRef(this.#fn) }, options).all()
  }

  /** All versions under this name, newest first. */
  versions(options?: CallOptions): Pages<FunctionHandle> {
    return this.client.functions.versions(this.project, this.name, options).map((fn) => new FunctionHandle(this.client, fn))
  }

  /** Reads it again. */
  async refresh(options?: CallOptions): Promise<this> {
    this.#fn = await this.client.functions.get(this.project, this.id, options)
    return this
  }

  /** Changes what describes it. Its spec never changes: a new spec is a new version, made with `newFunction` under the same name. */
  async update(description: Description, options?: CallOptions): Promise<this> {
    const now = await this.client.functions.get(this.project, this.id, options)
    this.#fn = await this.client.functions.update(this.project, this.id, { ...now, metadata: { ...now.metadata, ...metadataOf(description) } }, options)
    return this
  }

  /** Deletes this version with its tasks and runs. */
  delete(options?: DeleteOptions): Promise<void> {
    return this.client.functions.delete(this.project, this.id, options)
  }
}
