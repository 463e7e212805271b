import type { RunState, ServerStatus } from 'davit/contract'
import { canMove, DavitError } from 'davit/contract'
import type { Kysely } from 'kysely'
import { type AttemptChange, setAttempt } from './attempts.ts'
import { json } from './json.ts'
import type { RunRow } from './runs.ts'
import type { DB } from './schema.ts'
import { rowOf } from './statement.ts'

/** A change of the ledger that is written with the run's own, or not at all. */
export interface WithAttempt {
  readonly number: number
  readonly set: AttemptChange
}

export interface Move {
  readonly to: RunState
  readonly message?: string | undefined
  readonly status?: ServerStatus
  readonly settled?: boolean
  /** Only if this lease still holds. Users move without one. */
  readonly token?: number
  readonly attempt?: WithAttempt
}

export interface Shown {
  readonly token: number
  readonly status: ServerStatus
  readonly attempt?: WithAttempt | undefined
}

/** Whatever clients can see raises the revision, which wakes watchers. */
const VISIBLE = 'revision = revision + 1, updated = clock_timestamp()'
const MOVE = `with changed as (
    update run set ${VISIBLE}, state = $1, look_at = clock_timestamp(), status = coalesce($2::jsonb, status), settled = coalesce($3::boolean, settled)
    where id = $4 and state = $5 and ($6::bigint is null or lease_token = $6) returning *),
  told as (insert into transition (run, state, message) select id, state, $7::text from changed)`
const SHOW = `with changed as (update run set ${VISIBLE}, status = $1::jsonb where id = $2 and state = $3 and lease_token = $4 returning *)`
const ledger = (number: string, set: string): string =>
  `, kept as (update attempt set ${setAttempt(set)} where run = (select id from changed) and number = ${number})`
const TEXTS = {
  move: `${MOVE} select * from changed`,
  moveWithAttempt: `${MOVE}${ledger('$8', '$9')} select * from changed`,
  show: `${SHOW} select * from changed`,
  showWithAttempt: `${SHOW}${ledger('$5', '$6')} select * from changed`,
  settle: `with kept as (update attempt set removed = true where run = $1 and number = $4 and exists (select from run where id = $1 and state = $2 and lease_token = $3))
    update run set settled = true, lease_until = null where id = $1 and state = $2 and lease_token = $3 returning id`,
} as const

const assertMove = (from: RunState, to: RunState): void => {
  if (!canMove(from, to)) throw new DavitError('internal', `a run cannot go from ${from} to ${to}`)
}

/** How a run's state and status change: each by one statement that looks at what it was. */
export const runChanges = (db: Kysely<DB>) => ({
  /** Compare-and-set, its history row and the ledger's. Undefined: another writer moved it first, so re-read. Throws for a way that the lifecycle has not. */
  async move({ id, state }: Pick<RunRow, 'id' | 'state'>, { to, message, status, settled, token, attempt }: Move): Promise<RunRow | undefined> {
    assertMove(state, to)
    const values = [to, status ? json(status) : null, settled ?? null, id, state, token ?? null, message ?? null]
    return attempt ? rowOf(db, TEXTS.moveWithAttempt, [...values, attempt.number, json(attempt.set)]) : rowOf(db, TEXTS.move, values)
  },

  /** What is seen of a run, under a lease. Undefined: the lease or the state is not what it was. */
  show({ id, state }: Pick<RunRow, 'id' | 'state'>, { token, status, attempt }: Shown): Promise<RunRow | undefined> {
    const values = [json(status), id, state, token]
    return attempt ? rowOf(db, TEXTS.showWithAttempt, [...values, attempt.number, json(attempt.set)]) : rowOf(db, TEXTS.show, values)
  },

  /**
   * Nothing is left to do, as long as it is in this state: a user may have asked for something meanwhile. The lease is given back with it,
   * and the ledger says that this attempt is gone. False: somebody has asked, or the lease is lost.
   */
  async settle({ id, state }: Pick<RunRow, 'id' | 'state'>, token: number, removed?: number): Promise<boolean> {
    return (await rowOf(db, TEXTS.settle, [id, state, token, removed ?? null])) !== undefined
  },
})
