import { hiding } from '#logs/hide.ts'
import { collectLog, type Collected } from '#logs/collect.ts'
import { secretNamesOf } from '#domain/workload.ts'
import type { Look } from './context.ts'

/** Values of secrets never reach a status, also when a container or the engine prints them. */
export const hidingSecrets = async ({ deps, run, workload }: Look): Promise<(line: string) => string> =>
  hiding(Object.values(await deps.secretsOf(run.project, secretNamesOf(workload))))

/** Reads the whole log of one container of this attempt, which has ended. */
export const readLog = ({ deps, held, run, ref }: Look, container: string, hide: (line: string) => string): Promise<Collected> =>
  collectLog(container, {
    engine: deps.engine,
    logs: deps.store.logs,
    ref,
    owner: { project: run.project, user: run.user_name },
    maxBytes: deps.maxLogBytes,
    hide,
    signal: held.signal,
  })
