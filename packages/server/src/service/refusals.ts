import type { Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'

export interface Refused {
  readonly method: string
  /** As it is in the API's description, without what was asked for. */
  readonly route: string
  readonly project: string | undefined
}

const WINDOW_MS = 60_000
/** So many rows in a minute: whoever is refused must not fill the log. */
const MOST = 60

/** Tells the audit log who was refused what: the same once in a minute. */
export const refusalService = ({ store }: Pick<ServiceDeps, 'store'>) => {
  let since = 0
  const told = new Set<string>()
  return {
    async tell(caller: Caller, { method, route, project = '' }: Refused): Promise<void> {
      if (Date.now() - since > WINDOW_MS) {
        since = Date.now()
        told.clear()
      }
      const key = JSON.stringify([caller.name, caller.proof, method, route, project])
      if (told.has(key) || told.size >= MOST) return
      told.add(key)
      await store.audit.write({ by: caller, verb: 'access.refused', project, entity: 'request', entityId: `${method} ${route}` })
    },
  }
}
export type Refusals = ReturnType<typeof refusalService>
