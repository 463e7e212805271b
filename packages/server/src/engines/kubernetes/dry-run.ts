import { createHash } from 'node:crypto'
import type { Workload } from '#domain/workload.ts'
import type { KubeObject } from './objects.ts'

/** A set of manifests that differs from another only in whose it is gets the same answer from admission for so long. */
const TRUST_MS = 60_000
const MOST = 2000

/** The shape of a manifest set: what is left when the run's own names are taken out. */
const shapeOf = (manifests: readonly KubeObject[], { name, runId }: Pick<Workload, 'name' | 'runId'>): string =>
  createHash('sha256').update(JSON.stringify(manifests).replaceAll(name, '~').replaceAll(runId, '~')).digest('base64')

/** Remembers which shapes the API server has said yes to lately, so that a thousand runs of one function ask once. */
export const dryRuns = (now: () => number) => {
  const said = new Map<string, number>()
  return {
    /** Asks with `ask`, unless this shape was fine a moment ago. Throws what `ask` throws. */
    async once(manifests: readonly KubeObject[], workload: Pick<Workload, 'name' | 'runId'>, ask: () => Promise<void>): Promise<void> {
      const shape = shapeOf(manifests, workload)
      if ((said.get(shape) ?? 0) > now()) return
      await ask()
      if (said.size >= MOST) said.clear()
      said.set(shape, now() + TRUST_MS)
    },
  }
}
export type DryRuns = ReturnType<typeof dryRuns>
