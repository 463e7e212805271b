import { api } from '#contract/endpoints.ts'
import type { Log } from '#contract/log.ts'
import { listOf } from './list.ts'
import type { CallOptions } from './options.ts'
import type { Pages, Paging } from './pages.ts'
import { Resource } from './resource.ts'

export interface LogFilters extends Paging {
  /** A run's id. */
  readonly run?: string | undefined
  readonly user?: string | undefined
}

/** `/api/v1/-/{project}/logs` */
export class Logs extends Resource {
  list(project: string, filters?: LogFilters, options?: CallOptions): Pages<Log> {
    return listOf({ read: (query) => this.call(api.logs.list, { params: { project }, query, options }), filters })
  }
}
