import type { Refusal } from '#domain/engine.ts'
import { refOf, type Secrets, type Workload } from '#domain/workload.ts'
import { takenName } from './claimed.ts'
import type { Cluster } from './cluster.ts'
import { readNow } from './live.ts'
import type { Manifests } from './manifests/manifests-for.ts'
import type { DependentManifest } from './manifests/manifest.ts'
import { ownedBy } from './manifests/owned.ts'
import { missingSecrets, secretMissing } from './manifests/secret.ts'
import type { KubeObject } from './objects.ts'
import { lackOf } from './observe/lack.ts'
import { seenOf } from './observe/seen-of.ts'

interface Mending {
  readonly workload: Workload
  readonly secrets: Secrets
  readonly signal: AbortSignal
  /** All that the workload was made of. */
  readonly set: Manifests
  readonly put: (manifest: KubeObject) => Promise<unknown>
}

/** Makes again what belongs to a standing main object and was deleted. What stands is left as it is, whoever changed it. Undefined: nothing is in the way. */
export async function mend(cluster: Cluster, main: KubeObject, { workload, secrets, signal, set, put }: Mending): Promise<Refusal | undefined> {
  const lacks = lackOf(seenOf(cluster, refOf(workload), { now: new Date() }))
  const isLacked = ({ kind, metadata }: DependentManifest): boolean => lacks.some((one) => one.kind === kind && one.name === metadata.name)
  const dependents = set.dependents.filter(isLacked)
  const missing = dependents.some(({ kind }) => kind === 'Secret') ? missingSecrets(workload, secrets) : []
  if (missing.length > 0) return secretMissing(workload, missing)
  const taken = await takenName(cluster, workload, { dependents, signal })
  if (taken) return taken
  for (const dependent of dependents) {
    // The watch of one kind may be behind another's.
    if (dependent.kind === 'Service' && (await readNow(cluster, 'Service', dependent.metadata))) continue
    await put(ownedBy(dependent, { ...main, ...main.metadata, uid: main.metadata.uid ?? '' }))
  }
  return undefined
}
