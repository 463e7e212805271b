import type { WorkloadRef } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import { broadcast } from '../mailbox.ts'
import type { MemoryContainer } from './container.ts'

export interface MemoryWorkload {
  readonly ref: WorkloadRef
  readonly uid: string
  readonly workload: Workload
  readonly containers: readonly MemoryContainer[]
  /** Host port of each of the workload's ports, for each replica. */
  readonly hostPorts: readonly (readonly number[])[]
}

/** What the pretended machine holds. It goes on while no engine looks, as a real one does while the server is away. */
export function memoryState({ restartAfterMs = 1_000, pullMs = 20 }: { readonly restartAfterMs?: number; readonly pullMs?: number } = {}) {
  let [uids, ports] = [0, 29_999]
  return {
    workloads: new Map<string, MemoryWorkload>(),
    /** Images whose pull has ended; `false`: is under way. */
    pulled: new Map<string, boolean>(),
    hints: broadcast<string>(),
    restartAfterMs,
    pullMs,
    nextUid: (): string => `memory-${++uids}`,
    nextPort: (): number => ++ports,
    /** How many containers were ever started: no attempt may be started twice. */
    starts: new Map<string, number>(),
    /** Ends every container and forgets it. */
    clear(): void {
      for (const { containers } of this.workloads.values()) for (const container of containers) container.discard()
      this.workloads.clear()
    },
  }
}
export type MemoryState = ReturnType<typeof memoryState>
