import { API_LEVEL, type ServerInfo } from 'davit/contract'
import type { Engine } from '#domain/engine.ts'
import type { RunRepo } from '#store/runs.ts'
import { assertMay, type Caller } from './access.ts'

export interface ServerServiceDeps {
  readonly version: string
  readonly engine: Engine
  /** How the engine is reached, as a URL; undefined for one inside this process. */
  readonly engineEndpoint: string | undefined
  readonly runs: RunRepo
  readonly database: { readonly embedded: boolean; version(): Promise<string> }
}

export const serverService = ({ version, engine, engineEndpoint, runs, database }: ServerServiceDeps) => ({
  /** What this server is made of and whether its parts answer. Never throws for a part that does not. */
  async info(caller: Caller): Promise<ServerInfo> {
    assertMay(caller, 'server.read')
    const [health, databaseVersion, active] = await Promise.all([
      engine.health().catch((error: Error) => ({ healthy: false, version: undefined, detail: error.message })),
      database.version().catch(() => undefined),
      runs.countActive().catch(() => 0),
    ])
    return {
      version,
      api_level: API_LEVEL,
      engine: {
        name: engine.name,
        healthy: health.healthy,
        detail: health.detail,
        ...(health.version && { version: health.version }),
        ...(engineEndpoint && { endpoint: engineEndpoint }),
      },
      database: { version: databaseVersion ?? 'unknown', embedded: database.embedded, healthy: databaseVersion !== undefined },
      runs: { active },
    }
  },
})
