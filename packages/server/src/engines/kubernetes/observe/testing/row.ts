import type { RunPhase, RunState, VerdictCode } from 'davit/contract'
import type { KubeSeen } from '../seen.ts'

/** One row of the state table: what a cluster shows, and what the run is then. */
export interface Row {
  readonly shows: string
  readonly seen: KubeSeen
  readonly state: RunState
  readonly phase: RunPhase
  readonly verdict?: VerdictCode
}
