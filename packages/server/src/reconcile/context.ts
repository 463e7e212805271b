import { isDeepStrictEqual } from 'node:util'
import type { Note, ServerStatus, Verdict } from 'davit/contract'
import type { Engine, WorkloadRef } from '#domain/engine.ts'
import type { Observation, PresentObservation } from '#domain/observation.ts'
import { sentence, verdict } from '#domain/verdict.ts'
import type { Secrets, Workload } from '#domain/workload.ts'
import type { AttemptRow } from '#store/attempts.ts'
import type { WithAttempt } from '#store/run-changes.ts'
import type { RunRow } from '#store/runs.ts'
import type { Store } from '#store/store.ts'
import { json } from '#store/json.ts'
import type { Held } from './hold.ts'

/** What every step works with, for as long as a server lives. */
export interface ReconcileDeps {
  readonly store: Store
  readonly engine: Engine
  /** Values of a project's secrets; a name without a value is missing from the answer. */
  readonly secretsOf: (project: string, names: readonly string[]) => Promise<Secrets>
  readonly now: () => Date
  /** The most that is stored of one container's log, in bytes. */
  readonly maxLogBytes: number
}

/** One look at one run. */
export interface Look {
  readonly deps: ReconcileDeps
  readonly held: Held
  readonly run: RunRow
  readonly workload: Workload
  /** How many failed attempts may be followed by another. */
  readonly retries: number
  readonly ref: WorkloadRef
  readonly attempt: AttemptRow | undefined
  readonly seen: Observation | undefined
  /** Why a workload that should keep running does not. */
  readonly trouble: Verdict | undefined
}

/** What a step leads to: another look at the row as it is now (and the ledger's, where the step knows it), a look later, or never: then the lease is given back too. */
export type Next = { readonly run: RunRow | undefined; readonly attempt?: AttemptRow | undefined } | { readonly againInMs: number } | 'never'

/** Whether a status is what the database gives back already: it keeps neither the order of keys nor what JSON leaves out. */
export const isShown = (stored: ServerStatus, status: ServerStatus): boolean => isDeepStrictEqual(stored, JSON.parse(json(status)))

/**
 * Shows a status, if it differs from what is shown, with a change of the ledger. The row as it is then; undefined: it changed under us,
 * read it again.
 */
export const show = async ({ deps, held, run }: Look, status: ServerStatus, attempt?: WithAttempt): Promise<RunRow | undefined> =>
  !attempt && isShown(run.status, status) ? run : deps.store.runs.show(run, { token: held.token, status, attempt })

/** The status of a run that has ended, from the one that it was shown with. */
export function finalStatus({ verdict: shown, message: _past, service: _gone, ...rest }: ServerStatus, to: 'COMPLETED' | 'ERROR' | 'STOPPED'): ServerStatus {
  const why = to === 'STOPPED' ? verdict('stopped-by-user', []) : to === 'ERROR' ? shown : undefined
  return { ...rest, phase: 'finished', ...(why && { verdict: why, message: sentence(why) }) }
}

/** The row after a change that others may have raced with. */
export const reread = async ({ deps, run }: Look): Promise<Next> => ({ run: await deps.store.runs.findById(run.id) })

/** Notes of what is seen: as it is now, and gone when it is. */
const noteOfEdit = (message: string): Note => ({ code: 'edited', message })
const noteOfName = (name: string): Note => ({ code: 'name-lost', message: `the name ${name} leads to a newer run that asked for it` })
const SEEN_NOTES = ['edited', 'name-lost']

/** The run's notes with what somebody has changed by hand as it is now: what was put right again is no longer told. */
export function notesOf({ run, seen }: Pick<Look, 'run' | 'seen'>): Note[] | undefined {
  const { edits = [], namesLost = [] }: Partial<PresentObservation> = seen && seen.phase !== 'absent' ? seen : {}
  const told = (run.status.notes ?? []).filter(({ code }) => !SEEN_NOTES.includes(code))
  const notes = [...told, ...edits.map(noteOfEdit), ...namesLost.map(noteOfName)]
  return notes.length > 0 ? notes : undefined
}
