import { hash } from 'node:crypto'
import type { Engine, WorkloadRef } from '#domain/engine.ts'
import type { Observation } from '#domain/observation.ts'

/** What an observation says, in few bytes. When to look again is no part of it: that follows from the clock. */
const digestOf = (seen: Observation): string => hash('sha1', JSON.stringify({ ...seen, lookInMs: undefined }), 'base64')

/**
 * How runs looked at the end of their last pass. A cluster hints at every change of every object, and most of them change nothing that is
 * looked at: such a hint needs no pass, with its lease and its reading.
 */
export const createSightings = ({ engine }: { readonly engine: Pick<Engine, 'observe' | 'seesFromMemory'> }) => {
  const last = new Map<string, { readonly ref: WorkloadRef; readonly digest: string }>()
  return {
    /** A pass ended with this sight, and waits. Engines that must be asked for a sight are not asked twice. */
    keep(id: string, ref: WorkloadRef, seen: Observation): void {
      if (engine.seesFromMemory) last.set(id, { ref, digest: digestOf(seen) })
    },
    /** A pass begins: what it will make of what it sees is not known yet. */
    forget: (id: string): void => void last.delete(id),
    /** Whether a hint may be about something that the last pass has not seen. */
    async isNews(id: string): Promise<boolean> {
      const known = last.get(id)
      if (!known) return true
      const seen = await engine.observe(known.ref).catch(() => undefined)
      // A pass that began meanwhile may have seen less than this.
      return seen === undefined || last.get(id) !== known || digestOf(seen) !== known.digest
    },
  }
}
export type Sightings = ReturnType<typeof createSightings>
