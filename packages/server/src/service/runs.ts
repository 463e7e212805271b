import { setTimeout as sleep } from 'node:timers/promises'
import {
  canAct,
  DavitError,
  illegalTransition,
  isFinal,
  nearestOf,
  notFound,
  parseFunctionRef,
  type ProjectVerb,
  RUN_ACTIONS,
  type Run,
  type RunAction,
  type RunCreate,
  type RunPhase,
  type RunState,
} from 'davit/contract'
import type { Paging } from '#store/list.ts'
import type { RunFilters, RunRow } from '#store/runs.ts'
import { assertMay, type Caller } from './access.ts'
import { auditDiff } from './audit-diff.ts'
import type { ServiceDeps } from './deps.ts'
import { assertSameProject, noSuchProject } from './projects.ts'
import { createRun } from './run-create.ts'
import { withHistory, withOwnHistory } from './run-history.ts'
import { clientStatus, describedBy } from './wire.ts'

export const noSuchRun = (project: string, id: string): DavitError => notFound('run', `Project ${project} has no run ${id}.`)

const VERB_OF = { stop: 'run.stop', resume: 'run.write', delete: 'run.delete' } as const satisfies Record<RunAction, ProjectVerb>
/** Events of the reference's state machine that a container's run does not have from outside: known, and refused as such. */
const OTHER_EVENTS = ['build', 'run', 'schedule', 'execute', 'loop', 'complete', 'error']
const PHASE_OF = { stop: 'stopping', resume: 'queued', delete: 'deleting' } as const satisfies Record<RunAction, RunPhase>
/** How long a resume waits for what the stop left to be cleaned up, in ms. */
const CLEAN_UP = { patience: 10_000, look: 50 } as const
/** How often a compare-and-set that the reconciler won is tried again with the row as it is then. */
const TRIES = 8
/** A watcher looks again after this long also without a change: what a lost notification costs at most, in ms. */
const WATCH_LOOK_MS = 10_000

const isAction = (text: string): text is RunAction => Object.hasOwn(RUN_ACTIONS, text)

const get = async ({ store }: ServiceDeps, project: string, id: string): Promise<RunRow> => {
  const row = await store.runs.find(project, id)
  if (!row) throw noSuchRun(project, id)
  return row
}

/** The next attempt begins when nothing is left of the last: a stop that was answered is often not over. */
async function cleanedUp({ store }: ServiceDeps, { id }: RunRow): Promise<void> {
  for (const end = Date.now() + CLEAN_UP.patience; Date.now() < end; await sleep(CLEAN_UP.look)) {
    const row = await store.runs.findById(id)
    if (!row || row.settled || row.state !== 'STOPPED') return
  }
  throw new DavitError('conflict', `run ${id} is still being cleaned up after its stop`, { hint: 'try again in a moment' })
}

/** Moves a run to what the user asks, whatever the reconciler does meanwhile. Asking twice is asking once. */
async function act(deps: ServiceDeps, caller: Caller, { project, id, action }: { project: string; id: string; action: RunAction }): Promise<Run> {
  const { store } = deps
  assertMay(caller, VERB_OF[action], project)
  for (let tries = 0; tries < TRIES; tries++) {
    const row = await get(deps, project, id)
    const { to } = RUN_ACTIONS[action]
    if (row.state === to) return withOwnHistory(store, row)
    if (!canAct(action, row.state)) throw illegalTransition(row.state, to, refusal(action, row.state))
    if (action === 'resume') await cleanedUp(deps, row)
    const moved = await store.transact(async (inside) => {
      const { verdict: _why, message: _said, ...rest } = row.status
      const status = { ...(action === 'resume' ? rest : row.status), phase: PHASE_OF[action] }
      const changed = await inside.runs.move(row, { to, settled: false, status })
      if (changed)
        await inside.audit.write({
          by: caller,
          verb: `run.${action}`,
          project,
          entity: 'run',
          entityId: id,
          detail: { before: { state: row.state }, after: { state: to } },
        })
      return changed
    })
    if (!moved) continue
    deps.wake(id, 'first')
    return withOwnHistory(store, moved)
  }
  throw new DavitError('conflict', `run ${id} changed all the time while it was asked to ${action}`, { hint: 'try again' })
}

const refusal = (action: RunAction, state: RunState): string => {
  if (state === 'DELETING') return 'the run is being deleted'
  if (action === 'resume') return 'only a stopped run can be resumed'
  return 'the run has ended already'
}

/** The run now, then after each change, until it is final or gone. */
async function* watch(
  { store, changes }: ServiceDeps,
  { project, id }: { project: string; id: string },
  { follow, signal }: { follow: boolean; signal: AbortSignal },
): AsyncGenerator<Run> {
  let seen = -1
  let last: Run | undefined
  while (!signal.aborted) {
    const waiter = new AbortController()
    const changed = changes.next(id, { ms: WATCH_LOOK_MS, signal: AbortSignal.any([signal, waiter.signal]) })
    const row = await store.runs.find(project, id)
    if (row && row.revision > seen) {
      seen = row.revision
      last = await withOwnHistory(store, row)
      yield last
    }
    // A deletion may be over before it was read: that it happened is told all the same.
    if (!row && last && last.status.state !== 'DELETING') yield { ...last, status: { ...last.status, state: 'DELETING' } }
    if (!row || !follow || isFinal(row.state)) {
      waiter.abort()
      return
    }
    await changed
  }
}

export const runService = (deps: ServiceDeps) => ({
  async list(caller: Caller, project: string, { filters, paging }: { filters: RunFilters; paging: Paging }) {
    assertMay(caller, 'run.read', project)
    if (!(await deps.store.projects.find(project))) throw noSuchProject(project)
    if (filters.function !== undefined && !parseFunctionRef(filters.function))
      throw new DavitError('invalid', `function must be container://<project>/<name> or container://<project>/<name>:<id>, not ${filters.function}`, {
        path: 'function',
      })
    const { rows, total } = await deps.store.runs.list(project, filters, paging)
    return { content: await withHistory(deps.store, rows), total }
  },

  create: createRun(deps),

  async get(caller: Caller, project: string, id: string): Promise<Run> {
    assertMay(caller, 'run.read', project)
    return withOwnHistory(deps.store, await get(deps, project, id))
  },

  /** Metadata and the client's own status keys; state and spec are kept: clients send them back stale. */
  async update(caller: Caller, project: string, { id, input }: { id: string; input: RunCreate }): Promise<Run> {
    assertMay(caller, 'run.write', project)
    assertSameProject(input.project, project)
    return deps.store.transact(async (inside) => {
      const old = await inside.runs.find(project, id)
      const row = await inside.runs.describe(project, id, {
        user: caller.name,
        metadata: input.metadata && describedBy(input.metadata),
        extraStatus: input.status && clientStatus(input.status),
      })
      if (!row) throw noSuchRun(project, id)
      await inside.audit.write({
        by: caller,
        verb: 'run.update',
        project,
        entity: 'run',
        entityId: id,
        detail: { ...auditDiff(old?.metadata ?? {}, row.metadata) },
      })
      return withOwnHistory(inside, row)
    })
  },

  /** Stop, resume or delete. Throws `illegal_transition` where the run's state has no such way. */
  async act(caller: Caller, project: string, { id, action }: { id: string; action: string }): Promise<Run> {
    const name = action.toLowerCase()
    if (isAction(name)) return act(deps, caller, { project, id, action: name })
    assertMay(caller, 'run.read', project)
    if (OTHER_EVENTS.includes(name))
      throw illegalTransition((await get(deps, project, id)).state, 'null', `${name} is not something to ask of a container's run`)
    const nearest = nearestOf(name, Object.keys(RUN_ACTIONS))
    throw new DavitError('invalid', `action ${action} is not known: use ${Object.keys(RUN_ACTIONS).join(', ')}`, {
      path: 'action',
      ...(nearest && { hint: `did you mean ${nearest}?` }),
    })
  },

  /** Throws `not_found` before the first value. */
  async watch(
    caller: Caller,
    { project, id }: { project: string; id: string },
    options: { follow: boolean; signal: AbortSignal },
  ): Promise<AsyncGenerator<Run>> {
    assertMay(caller, 'run.read', project)
    await get(deps, project, id)
    return watch(deps, { project, id }, options)
  },
})
