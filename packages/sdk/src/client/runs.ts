import * as z from 'zod'
import { api } from '#contract/endpoints.ts'
import type { DavitError } from '#contract/error.ts'
import type { Log, LogChunk } from '#contract/log.ts'
import { newEntityId } from '#contract/name.ts'
import type { Run, RunCreate } from '#contract/run.ts'
import { isFinal } from '#contract/run-state.ts'
import type { Known } from './known.ts'
import { type CommonFilters, listOf } from './list.ts'
import type { CallOptions } from './options.ts'
import type { Pages } from './pages.ts'
import { createdBefore, deletedBefore, Resource } from './resource.ts'
import { type StreamLogsOptions, streamLogs } from './stream-logs.ts'
import { type WaitOptions, waitForRun } from './wait-run.ts'
import { watchRun } from './watch-run.ts'

export type RunInput = Known<z.input<typeof RunCreate>>

export interface RunFilters extends CommonFilters {
  /** A part of the id, name or function. */
  readonly q?: string | undefined
  /** `container://project/name:id`; without the id runs of all versions. */
  readonly function?: string | undefined
  /** `container+job://project/<task id>` */
  readonly task?: string | undefined
  readonly action?: string | undefined
}

// A delete that must be sent twice may find the run gone; so the run in the answer is not counted on.
const DELETE = { ...api.runs.delete, returns: z.unknown() }

/** `/api/v1/-/{project}/runs` */
export class Runs extends Resource {
  /** Newest first. */
  list(project: string, filters?: RunFilters, options?: CallOptions): Pages<Run> {
    return listOf({ read: (query) => this.call(api.runs.list, { params: { project }, query, options }), filters })
  }

  get(project: string, id: string, options?: CallOptions): Promise<Run> {
    return this.call(api.runs.get, { params: { project, id }, options })
  }

  /** Submits a run. It is recorded once, however often the request had to be sent, and the server starts it at once. */
  create(project: string, body: RunInput, options?: CallOptions): Promise<Run> {
    const { id = newEntityId() } = body
    return this.call(api.runs.create, { params: { project }, body: { ...body, id }, options, recover: createdBefore(() => this.get(project, id, options)) })
  }

  /** Replaces the metadata; spec and state are the server's. */
  update(project: string, id: string, body: RunInput, options?: CallOptions): Promise<Run> {
    return this.call(api.runs.update, { params: { project, id }, body, options })
  }

  /** Deletes a run with its logs and volumes in the background; one that runs is stopped first. */
  async delete(project: string, id: string, options?: CallOptions): Promise<void> {
    await this.call(DELETE, { params: { project, id }, options, recover: deletedBefore })
  }

  /** Asks the run to end and returns at once; it is final when its state is. Throws `illegal_transition` when it has ended already. */
  stop(project: string, id: string, options?: CallOptions): Promise<Run> {
    const recover = async (error: DavitError) => (error.code === 'illegal_transition' ? { value: await this.get(project, id, options) } : undefined)
    return this.call(api.runs.act, { params: { project, id, action: 'stop' }, body: {}, options, recover })
  }

  /** Starts a stopped run anew, as its next attempt. Throws `illegal_transition` unless it is stopped. */
  resume(project: string, id: string, options?: CallOptions): Promise<Run> {
    const recover = async (error: DavitError) => {
      const run = error.code === 'illegal_transition' ? await this.get(project, id, options) : undefined
      return run && !isFinal(run.status.state) ? { value: run } : undefined
    }
    return this.call(api.runs.act, { params: { project, id, action: 'resume' }, body: {}, options, recover })
  }

  /** The run now and after each change, to its final state, over as many connections as it takes. A run that is deleted ends as DELETED. */
  watch(project: string, id: string, options?: CallOptions): AsyncGenerator<Run, void> {
    const open = () => this.stream(api.runs.watch, { params: { project, id }, options })
    return watchRun({ open, retries: this.transport.retries, signal: options?.signal })
  }

  /** Returns the run when it is final, or ready. A run that failed is returned, not thrown. Throws `timeout` when `timeoutMs` are over. */
  wait(project: string, id: string, options: WaitOptions = {}): Promise<Run> {
    return waitForRun((signal) => this.watch(project, id, { signal }), options)
  }

  /** The logs of all its containers, each whole. */
  logs(project: string, id: string, options?: CallOptions): Promise<readonly Log[]> {
    return this.call(api.runs.logs, { params: { project, id }, options })
  }

  /** Log bytes as they come; goes on after a cut connection where it left off. With `follow` until the run has ended. */
  streamLogs(project: string, id: string, options: StreamLogsOptions = {}): AsyncGenerator<LogChunk, void> {
    const { signal } = options
    return streamLogs({
      open: (query) => this.stream(api.runs.streamLogs, { params: { project, id }, query, options: { signal } }),
      read: () => this.get(project, id, { signal }),
      retries: this.transport.retries,
      options,
    })
  }
}
