import type { Note, Verdict } from 'davit/contract'
import type { ContainerObservation } from '#domain/observation.ts'
import { asking } from '#domain/engine-trouble.ts'
import { judge, verdictOfEnd } from '#domain/judge.ts'
import { endOf } from '#domain/plan.ts'
import { statusOf } from '#domain/status.ts'
import { verdict } from '#domain/verdict.ts'
import type { Collected } from '#logs/collect.ts'
import { finalStatus, type Look, type Next, notesOf, reread } from './context.ts'
import { departedAtEnd } from './departed.ts'
import { hidingSecrets, readLog } from './read-log.ts'

type Outcome = 'succeeded' | 'failed' | 'stopped'

const redact = (verdict: Verdict, hide: (line: string) => string): Verdict => ({ ...verdict, evidence: verdict.evidence.map(hide) })

const verdictOf = ({ seen, workload, deps }: Look, outcome: Outcome, logs: readonly Collected[]): Verdict | undefined => {
  if (outcome === 'succeeded' || !seen || seen.phase === 'absent') return undefined
  if (outcome === 'stopped') return verdict('stopped-by-user', [])
  const linesOf = ({ name }: ContainerObservation) => logs.find(({ container }) => container === name)?.lastLines ?? []
  const loop = judge(seen, workload, deps.now(), { cluster: deps.engine.can.clusters }).verdict
  if (loop) return { ...loop, evidence: [...loop.evidence, ...seen.containers.slice(0, 1).flatMap(linesOf)] }
  const failed = seen.containers.find(({ exitCode, oomKilled }) => exitCode !== 0 || oomKilled)
  return failed && verdictOfEnd(failed, workload, linesOf(failed))
}

const truncationNotes = (logs: readonly Collected[]): readonly Note[] =>
  logs
    .filter(({ dropped }) => dropped > 0)
    .map(({ container, dropped, bytes }) => ({ code: 'log-truncated', message: `of ${container} the first ${dropped} of ${bytes} bytes are no longer stored` }))

/** What was asked to end and cannot be reached, to end or to be read. */
const leftNotes = (left: readonly ContainerObservation[]): readonly Note[] =>
  left.map(({ name }) => ({
    code: 'log-lost',
    message: `${name} is on a node that does not answer: its log is not stored, and it may go on running until that node is back or gone`,
  }))

const lossNotes = (logs: readonly Collected[]): readonly Note[] => logs.flatMap(({ lost }) => (lost ? { code: 'log-lost', message: lost } : []))

const lastEnd = (containers: readonly ContainerObservation[]): Date | undefined => {
  const [latest] = containers
    .flatMap(({ endedAt }) => endedAt ?? [])
    .sort()
    .reverse()
  return latest === undefined ? undefined : new Date(latest)
}

/** Stores what an attempt leaves behind, before anything of it is removed: its logs, its exit code, and why it ended. */
export async function collect(look: Look, outcome: Outcome): Promise<Next> {
  const { deps, held, run, seen, workload, attempt } = look
  if (!attempt || !seen || seen.phase === 'absent') return reread(look)
  const hide = await hidingSecrets(look)
  const logs: Collected[] = []
  const left = seen.outOfReach ? seen.containers.filter(({ state }) => state !== 'ended') : []
  for (const { name, startedAt } of seen.containers.filter((one) => !left.includes(one)))
    if (startedAt !== undefined) logs.push(await asking(readLog(look, name, hide)))
  const why = verdictOf(look, outcome, logs)
  const notes = [...(notesOf(look) ?? []), ...truncationNotes(logs), ...lossNotes(logs), ...leftNotes(left), ...(await departedAtEnd(look, seen))]
  const status = {
    ...statusOf(run.state, seen, { workload, verdict: why && redact(why, hide), notes: notes.length > 0 ? notes : undefined }),
    phase: 'collecting' as const,
  }
  const code = seen.containers.map(({ exitCode }) => exitCode).find((exit) => exit !== 0) ?? seen.containers[0]?.exitCode
  const started = seen.containers[0]?.startedAt
  const set = {
    outcome,
    logs_stored: true,
    ended: lastEnd(seen.containers) ?? deps.now(),
    exit_code: code ?? null,
    ...(started !== undefined && { started: new Date(started) }),
  }
  // The last attempt's end is the run's: both become visible at once.
  const end = endOf({ number: attempt.number, outcome }, look.retries)
  const last = end && { to: end, status: finalStatus(status, end) }
  return deps.store.transact(async (inside): Promise<Next> => {
    for (const { store } of logs) await store?.(inside.logs)
    const ledger = { token: held.token, attempt: { number: attempt.number, set } }
    const shown = await (last ? inside.runs.move(run, { ...last, ...ledger, message: last.status.message }) : inside.runs.show(run, { ...ledger, status }))
    if (shown) return { run: shown, attempt: { ...attempt, ...set } }
    // A user asked for something meanwhile: what is known of the attempt stays known.
    await inside.attempts.change(run.id, attempt.number, { token: held.token, set })
    return { run: await inside.runs.findById(run.id) }
  })
}
