import type { Davit } from '#client/davit.ts'
import type { CallOptions } from '#client/options.ts'
import type { StreamLogsOptions } from '#client/stream-logs.ts'
import type { WaitOptions } from '#client/wait-run.ts'
import type { Run, RunSpec, RunStatus } from '#contract/run.ts'
import type { RunState } from '#contract/run-state.ts'
import type { Verdict } from '#contract/verdict.ts'
import { invokeService, serviceUrl } from './invoke.ts'
import { type ContainerLog, containerLog, decodeChunks } from './run-logs.ts'

/** A run as last read, and what can be done with it. */
export class RunHandle {
  readonly client: Davit
  #run: Run

  constructor(client: Davit, run: Run) {
    this.client = client
    this.#run = run
  }

  /** The plain entity as last read. */
  get entity(): Run {
    return this.#run
  }
  get id(): string {
    return this.#run.id
  }
  get name(): string {
    return this.#run.name
  }
  get project(): string {
    return this.#run.project
  }
  get key(): string {
    return this.#run.key
  }
  get kind(): string {
    return this.#run.kind
  }
  get spec(): RunSpec {
    return this.#run.spec
  }
  get status(): RunStatus {
    return this.#run.status
  }
  get state(): RunState {
    return this.#run.status.state
  }
  /** Why it is not as wanted; undefined while all is well. */
  get verdict(): Verdict | undefined {
    return this.#run.status.verdict
  }

  /** Reads it again. */
  async refresh(options?: CallOptions): Promise<this> {
    this.#run = await this.client.runs.get(this.project, this.id, options)
    return this
  }

  /** Waits until it is final, or with `until: 'ready'` until it runs (and answers). A failed run is no exception: see `state` and `verdict`. */
  async wait(options?: WaitOptions): Promise<this> {
    this.#run = await this.client.runs.wait(this.project, this.id, options)
    return this
  }

  /** This handle now and after each change, to the final state. */
  async *watch(options?: CallOptions): AsyncGenerator<this, void> {
    for await (this.#run of this.client.runs.watch(this.project, this.id, options)) yield this
  }

  /** What each container wrote, whole. */
  async logs(options?: CallOptions): Promise<readonly ContainerLog[]> {
    return (await this.client.runs.logs(this.project, this.id, options)).map(containerLog)
  }

  /** What the containers write, from the first byte on and until the run has ended. */
  followLogs(options?: StreamLogsOptions): AsyncGenerator<ContainerLog, void> {
    return decodeChunks(this.client.runs.streamLogs(this.project, this.id, { follow: true, ...options }))
  }

  /** Asks it to end and returns at once; `wait()` returns when it has. */
  async stop(options?: CallOptions): Promise<this> {
    this.#run = await this.client.runs.stop(this.project, this.id, options)
    return this
  }

  /** Starts it anew after a stop, as its next attempt. */
  async resume(options?: CallOptions): Promise<this> {
    this.#run = await this.client.runs.resume(this.project, this.id, options)
    return this
  }

  /** Deletes it with its logs and volumes; one that runs is stopped first. */
  delete(options?: CallOptions): Promise<void> {
    return this.client.runs.delete(this.project, this.id, options)
  }

  /** One HTTP request to the service that this run is. Throws `unavailable` while it has no address. */
  async invoke(path = '/', init: RequestInit = {}): Promise<Response> {
    if (this.status.service?.url === undefined) await this.refresh(init.signal ? { signal: init.signal } : {})
    return invokeService(this.client, serviceUrl(this.#run, path), init)
  }
}
