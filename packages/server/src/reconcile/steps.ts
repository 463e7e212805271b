import { isFinal, type RunState, type ServerStatus } from 'davit/contract'
import { asking } from '#domain/engine-trouble.ts'
import type { Step } from '#domain/plan.ts'
import { stateOf, statusOf } from '#domain/status.ts'
import { verdict } from '#domain/verdict.ts'
import { workloadName } from '#domain/names.ts'
import { apply, secretsFor } from './apply.ts'
import { collect } from './collect.ts'
import { finalStatus, type Look, type Next, notesOf, reread, show } from './context.ts'
import { departed, departedAtEnd, withDeparted } from './departed.ts'
import { lookAgainMs } from './look-again.ts'

/** How soon to look again at what is stopping, in ms, without a hint. */
const STOPPING_LOOK_MS = 1000

async function showSeen(look: Look): Promise<Next> {
  const { deps, held, run, seen, workload, attempt, trouble } = look
  if (!seen || seen.phase === 'absent' || !attempt) return reread(look)
  const started = seen.containers.find(({ startedAt }) => startedAt)?.startedAt
  const news = started && !attempt.started ? { started: new Date(started) } : undefined
  const ledger = news && { number: attempt.number, set: news }
  const to = stateOf({ action: workload.action, seen, verdict: trouble })
  const notes = notesOf(look)
  const gone = await departed(look, seen)
  const statusIn = (state: RunState): ServerStatus => withDeparted(statusOf(state, seen, { workload, verdict: trouble, notes }), gone)
  if (to === 'RUNNING' && run.state !== 'RUNNING') {
    const moved = await deps.store.runs.move(run, { to, token: held.token, status: statusIn(to), ...(ledger && { attempt: ledger }) })
    return moved ? { run: moved, attempt: { ...attempt, ...news } } : reread(look)
  }
  const shown = await show(look, statusIn(run.state), ledger)
  if (!shown) return reread(look)
  return { againInMs: lookAgainMs(seen, { state: to, trouble, lookMs: deps.engine.lookMs }) }
}

/** That it cannot be made again now is said, and ends nothing. The change itself is hinted at. */
async function mend(look: Look): Promise<Next> {
  const { deps, held, workload, seen } = look
  if (!seen || seen.phase === 'absent') return reread(look)
  const { secrets } = await secretsFor(look)
  held.assert()
  const applied = await asking(deps.engine.apply(workload, secrets, held.signal))
  const why = 'refused' in applied ? applied.refused.evidence : applied.done ? [] : [applied.detail]
  return showSeen({ ...look, seen: { ...seen, edits: [...(seen.edits ?? []), ...why] } })
}

async function lost(look: Look, outcome: 'failed' | 'replaced'): Promise<Next> {
  const { deps, held, run, attempt, seen, workload } = look
  if (!attempt) return reread(look)
  const removed = seen?.phase === 'absent'
  const gone = seen && seen.phase !== 'absent' ? seen.containers.map(({ name }) => ({ name, ended: true })) : []
  const unread = await departedAtEnd(look, { containers: [], replaced: gone })
  const what = `${workload.name} was ${removed ? 'removed' : 'stopped'} by somebody else`
  const status: ServerStatus =
    outcome === 'failed'
      ? { ...run.status, verdict: verdict('workload-removed', [what]) }
      : {
          ...run.status,
          phase: 'retrying',
          notes: [...(run.status.notes ?? []).slice(-20), { code: 'replaced', message: `${what}; a new one follows` }, ...unread],
        }
  const set = { outcome, ended: deps.now(), logs_stored: true, removed }
  await deps.store.runs.show(run, { token: held.token, status, attempt: { number: attempt.number, set } })
  return reread(look)
}

/** What ran, was asked to stop and was then gone before its log was read: the ledger and the run say so. */
async function lostAtStop({ deps, held, run, attempt, seen, workload }: Look): Promise<Pick<ServerStatus, 'notes'>> {
  if (!attempt?.started || attempt.outcome !== null || seen?.phase !== 'absent') return {}
  await deps.store.attempts.change(run.id, attempt.number, { token: held.token, set: { outcome: 'stopped', ended: deps.now(), logs_stored: true } })
  return { notes: [...(run.status.notes ?? []), { code: 'log-lost', message: `${workload.name} was removed by somebody else before its log was stored` }] }
}

async function finish(look: Look, to: 'COMPLETED' | 'ERROR' | 'STOPPED'): Promise<Next> {
  const { deps, held, run } = look
  const lost = to === 'STOPPED' ? await lostAtStop(look) : {}
  const status = finalStatus({ ...run.status, ...lost }, to)
  const moved = await deps.store.runs.move(run, { to, token: held.token, message: status.message, status })
  return moved ? { run: moved, attempt: look.attempt } : reread(look)
}

/** What each step does. Each is safe to repeat: a server that dies in the middle is followed by one that begins it again. */
const STEPS = {
  begin: async (look: Look, { number }: Extract<Step, { do: 'begin' }>): Promise<Next> => {
    return { run: look.run, attempt: await look.deps.store.attempts.begin({ run: look.run.id, number, object: workloadName(look.run, number) }) }
  },
  apply,
  mend,
  show: showSeen,
  collect: (look: Look, { outcome }: Extract<Step, { do: 'collect' }>) => collect(look, outcome),
  lost: (look: Look, { outcome }: Extract<Step, { do: 'lost' }>) => lost(look, outcome),
  finish: (look: Look, { to }: Extract<Step, { do: 'finish' }>) => finish(look, to),
  stop: async (look: Look): Promise<Next> => {
    const { deps, run, ref, workload, trouble } = look
    await asking(deps.engine.stop(ref, workload.graceSeconds))
    // What was wrong before does not matter any more; why it does not end does.
    const { verdict: _past, ...rest } = run.status
    const why = trouble?.code === 'node-lost' ? { verdict: trouble } : {}
    const shown = await show(look, { ...rest, ...why, phase: run.state === 'DELETING' ? 'deleting' : 'stopping' })
    return shown ? { againInMs: STOPPING_LOOK_MS } : reread(look)
  },
  remove: async (look: Look): Promise<Next> => {
    const { deps, held, run, ref, attempt } = look
    await asking(deps.engine.remove(ref, { volumes: false }))
    if (isFinal(run.state) && (await deps.store.runs.settle(run, held.token, attempt?.number))) return 'never'
    if (attempt) await deps.store.attempts.change(run.id, attempt.number, { token: held.token, set: { removed: true } })
    return reread(look)
  },
  settle: async (look: Look): Promise<Next> => ((await look.deps.store.runs.settle(look.run, look.held.token)) ? 'never' : reread(look)),
  forget: async ({ deps, held, run, ref }: Look): Promise<Next> => {
    await asking(deps.engine.remove(ref, { volumes: true }))
    await deps.store.runs.forget(run.id, held.token)
    return 'never'
  },
  wait: async (_look: Look, { ms }: Extract<Step, { do: 'wait' }>): Promise<Next> => ({ againInMs: ms }),
} as const satisfies { [Name in Step['do']]: (look: Look, step: Extract<Step, { do: Name }>) => Promise<Next> }

/** Takes one step. */
export const perform = (look: Look, step: Step): Promise<Next> => {
  // The table's type above proves that each step meets its own function; TypeScript cannot carry that through the lookup.
  const act = STEPS[step.do] as (look: Look, step: Step) => Promise<Next>
  return act(look, step)
}
