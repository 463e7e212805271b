import { isFinal, type Run } from 'davit/contract'
import { asDavitError } from '#runner/failure.ts'
import type { Out } from '#runner/out.ts'
import { logWriter } from './log-writer.ts'
import { farewell, narrator } from './narrate.ts'
import type { Scope } from './run-ref.ts'
import { shortId } from './short-id.ts'

interface Followed {
  readonly scope: Scope
  readonly out: Out
  readonly run: Run
}

/** Runs `work`; when Ctrl-C or the time limit ends it, says that the run goes on, and throws the reason. */
export const detachable = async <T>({ scope, out, run }: Followed, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!scope.signal.aborted) throw error
    out.busy(undefined)
    for (const line of farewell(run)) await out.warn(line)
    throw scope.signal.reason
  }
}

/** Tells each phase until the run is as far as wanted, or final. */
export const narrateUntil = (followed: Followed, reached: (run: Run) => boolean): Promise<Run> =>
  detachable(followed, async () => {
    const { scope, out, run } = followed
    const narrate = narrator(out)
    let last = run
    for await (last of scope.client.runs.watch(scope.project, run.id, { signal: scope.signal })) {
      await narrate(last)
      if (isFinal(last.status.state) || reached(last)) break
    }
    out.busy(undefined)
    return last
  })

/** How long a log may be silent after its run has ended before it is given up. */
const LOG_PATIENCE_MS = 20_000

interface Pumped {
  readonly to: 'stdout' | 'stderr'
  /** Called with each piece. */
  readonly onPiece: () => void
}

/** All log bytes as they come. A log that cannot be read is said, and does not fail the run. */
const pump = async ({ scope, out, run }: Followed, { to, onPiece }: Pumped): Promise<void> => {
  const writer = logWriter(out, { prefix: false, to })
  try {
    for await (const chunk of scope.client.runs.streamLogs(scope.project, run.id, { follow: true, signal: scope.signal })) {
      await writer.write(chunk)
      onPiece()
    }
  } catch (error) {
    if (!scope.signal.aborted) await out.warn(`The log cannot be read: ${asDavitError(error).message}`)
  }
}

/** Streams the log and tells the phases until the run is final and its log complete. */
export const followRun = async (followed: Followed, logsTo: 'stdout' | 'stderr'): Promise<Run> => {
  const giveUp = new AbortController()
  const signal = AbortSignal.any([followed.scope.signal, giveUp.signal])
  let silence: NodeJS.Timeout | undefined
  const logs = pump({ ...followed, scope: { ...followed.scope, signal } }, { to: logsTo, onPiece: () => silence?.refresh() })
  try {
    const last = await narrateUntil(followed, () => false)
    silence = setTimeout(() => giveUp.abort(), LOG_PATIENCE_MS)
    await logs
    if (giveUp.signal.aborted) await followed.out.warn(`The log did not end; what is missing here: davit logs ${shortId(last.id)}`)
    return last
  } finally {
    clearTimeout(silence)
    giveUp.abort()
    await logs
  }
}
