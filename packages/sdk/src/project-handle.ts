import type { Davit } from '#client/davit.ts'
import type { FunctionFilters } from '#client/functions.ts'
import type { DeleteOptions } from '#client/list.ts'
import type { CallOptions } from '#client/options.ts'
import type { Pages, Paging } from '#client/pages.ts'
import type { RunFilters } from '#client/runs.ts'
import { notFound } from '#contract/error.ts'
import type { Project } from '#contract/project.ts'
import { FunctionHandle } from './function-handle.ts'
import { functionInput, type NewFunction } from './function-input.ts'
import { type ProjectDescription, projectChange } from './project-input.ts'
import { RunHandle } from './run-handle.ts'
import { createSecret, type NewSecret, SecretHandle } from './secret-handle.ts'

/** A project, and what can be done in it. */
export class ProjectHandle {
  readonly client: Davit
  #project: Project

  constructor(client: Davit, project: Project) {
    this.client = client
    this.#project = project
  }

  /** The plain entity as last read. */
  get entity(): Project {
    return this.#project
  }
  get id(): string {
    return this.#project.id
  }
  get name(): string {
    return this.#project.name
  }
  get key(): string {
    return this.#project.key
  }
  get spec(): Project['spec'] {
    return this.#project.spec
  }
  get metadata(): Project['metadata'] {
    return this.#project.metadata
  }

  /** A new function, or a new version of one. Throws `invalid` for an unknown parameter. */
  async newFunction(fn: NewFunction, options?: CallOptions): Promise<FunctionHandle> {
    return new FunctionHandle(this.client, await this.client.functions.create(this.name, functionInput(fn), options))
  }

  /** The latest version of a function by name, or a version by its id. Throws `not_found`. */
  async getFunction(name: string, { id, ...options }: CallOptions & { readonly id?: string | undefined } = {}): Promise<FunctionHandle> {
    const fn = id === undefined ? await this.client.functions.latest(this.name, name, options) : await this.client.functions.get(this.name, id, options)
    return new FunctionHandle(this.client, fn)
  }

  /** Awaited: the first page; iterated: all. */
  functions(filters?: FunctionFilters, options?: CallOptions): Pages<FunctionHandle> {
    return this.client.functions.list(this.name, filters, options).map((fn) => new FunctionHandle(this.client, fn))
  }

  /** All of them as an array. */
  listFunctions(filters?: FunctionFilters, options?: CallOptions): Promise<FunctionHandle[]> {
    return this.functions(filters, options).all()
  }

  /** Awaited: the newest; iterated: all, newest first. */
  runs(filters?: RunFilters, options?: CallOptions): Pages<RunHandle> {
    return this.client.runs.list(this.name, filters, options).map((run) => new RunHandle(this.client, run))
  }

  listRuns(filters?: RunFilters, options?: CallOptions): Promise<RunHandle[]> {
    return this.runs(filters, options).all()
  }

  /** Throws `not_found`. */
  async getRun(id: string, options?: CallOptions): Promise<RunHandle> {
    return new RunHandle(this.client, await this.client.runs.get(this.name, id, options))
  }

  /** Declares a secret and sets its value. Throws `duplicate` when the name is taken. */
  newSecret(secret: NewSecret, options?: CallOptions): Promise<SecretHandle> {
    return createSecret(this.client, this.name, { secret, options })
  }

  /** Throws `not_found`. */
  async getSecret(name: string, options?: CallOptions): Promise<SecretHandle> {
    const secret = await this.client.secrets.find(this.name, name, options)
    if (!secret) throw notFound('secret', `There is none named ${name} in project ${this.name}.`)
    return new SecretHandle(this.client, secret)
  }

  secrets(filters?: Paging, options?: CallOptions): Pages<SecretHandle> {
    return this.client.secrets.list(this.name, filters, options).map((secret) => new SecretHandle(this.client, secret))
  }

  /** Reads it again. */
  async refresh(options?: CallOptions): Promise<this> {
    this.#project = await this.client.projects.get(this.name, options)
    return this
  }

  /** Changes what is given, keeps the rest. */
  async update(change: ProjectDescription, options?: CallOptions): Promise<this> {
    const now = await this.client.projects.get(this.name, options)
    this.#project = await this.client.projects.update(this.name, projectChange(now, change), options)
    return this
  }

  /** With `cascade` all that is in it goes too. */
  delete(options?: DeleteOptions): Promise<void> {
    return this.client.projects.delete(this.name, options)
  }
}
