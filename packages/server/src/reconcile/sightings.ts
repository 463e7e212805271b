import { hash } from 'node:crypto'
import type { Engine, WorkloadRef } from '#domain/engine.ts'
import type { Observation } from '#domain/observation.ts'

/** What an observation says, in few bytes. When to look again is no part of it: that follows from the clock. */
const digestOf = (seen: Observation): string => hash('sha1', JSON.stringify({ ...seen, lookInMs: undefined }), 'base64')

/**
 * How runs looked at the end of their last pass. A cluster hints at every change of every object, and most of them change nothing that is
 * looked at: such a hint needs no pass, with its lease and its reading.
 */
export const createSightings = ({ engine }: { readonly engine: Pick<Engine, 'glance'> }) => {
  const last = new Map<string, { readonly ref: WorkloadRef; readonly digest: string }>()
  return {
    /** A pass ended with this sight, and waits. Engines that must be asked for a sight are not asked twice. */
    keep(id: string, ref: WorkloadRef, seen: Observation): void {
      if (engine.glance) last.set(id, { ref, digest: digestOf(seen) })
    },
    /** A pass begins: what it will make of what it sees is not known yet. */
    forget: (id: string): void => void last.delete(id),
    /** Whether a hint may be about something that the last pass has not seen. Where only asking would tell, it may: a pass asks, and others wait for no answer. */
    isNews(id: string): boolean {
      const known = last.get(id)
      const seen = known && engine.glance?.(known.ref)
      return seen === undefined || digestOf(seen) !== known?.digest
    },
  }
}
export type Sightings = ReturnType<typeof createSightings>
