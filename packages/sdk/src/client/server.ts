import { api } from '#contract/endpoints.ts'
import type { ServerInfo } from '#contract/server-info.ts'
import type { CallOptions } from './options.ts'
import { Resource } from './resource.ts'

/** `/api/v1/server` */
export class Server extends Resource {
  /** Version, engine, database and limits. */
  info(options?: CallOptions): Promise<ServerInfo> {
    return this.call(api.server.info, { params: {}, options })
  }
}
