import type { Applied } from '#domain/engine.ts'
import type { Secrets, Workload } from '#domain/workload.ts'
import { isKubeError } from './client/kube-error.ts'
import { refusalOf } from './client/refusal.ts'
import { foreignVolume, takenName } from './claimed.ts'
import type { Cluster } from './cluster.ts'
import type { DryRuns } from './dry-run.ts'
import { readNow } from './live.ts'
import { ANNOTATION, LABEL, labelValue } from './labels.ts'
import type { MainManifest, ManifestOptions } from './manifests/manifest.ts'
import { type Manifests, manifestsFor } from './manifests/manifests-for.ts'
import { held, ownedBy, podOf } from './manifests/owned.ts'
import { missingSecrets, secretMissing } from './manifests/secret.ts'
import { marked } from './marked.ts'
import { mend } from './mend.ts'
import type { KubeObject } from './objects.ts'
import type { Writer } from './write.ts'

export interface ApplyDeps {
  readonly cluster: Cluster
  readonly write: Writer
  readonly dryRuns: DryRuns
  readonly options: Pick<ManifestOptions, 'installation' | 'shared' | 'ttlSeconds' | 'defaults'>
  /** Makes the project's namespace, where each project has one. */
  readonly prepareNamespace: (workload: Workload, signal: AbortSignal) => Promise<void>
  /** It is not there any more: the next run makes it again. */
  readonly forgetNamespace: (project: string) => void
}

/** Marks a main object whose dependents are still being made. */
const heldBack = (main: MainManifest): MainManifest => {
  const object = held(main)
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [ANNOTATION.held]: 'true' } } }
}
const isHeld = ({ metadata }: KubeObject): boolean => metadata.annotations?.[ANNOTATION.held] !== undefined

interface Wanted {
  readonly workload: Workload
  readonly secrets: Secrets
  readonly signal: AbortSignal
}

/** What of the workload stands already: its main object, or pods that outlived it because they were stopped. */
function standing({ cluster }: ApplyDeps, { name, runId, project }: Workload): { main: KubeObject | undefined; uid: string | undefined } {
  const { jobs, deployments, pods } = cluster.cache.kept
  const namespace = cluster.namespaceOf(project)
  const main = jobs.get(namespace, name) ?? deployments.get(namespace, name)
  const [pod] = main ? [] : pods.of(labelValue(runId)).filter(({ metadata }) => metadata.labels?.[LABEL.workload] === labelValue(name))
  return { main, uid: main?.metadata.uid ?? pod?.metadata.annotations?.[ANNOTATION.uid] ?? pod?.metadata.uid }
}

/** Asks the API server about the whole set before anything of it is written. What it has answered once is not asked again when a later question fails. */
const rehearse = async ({ dryRuns, write }: ApplyDeps, { main, claims, dependents }: Manifests, { workload, signal }: Wanted): Promise<void> => {
  for (const manifest of [podOf(main), ...claims, ...dependents, main])
    await dryRuns.once(manifest, workload, () => write.apply(manifest, { signal, dryRun: true }))
}

/** Writes, unless the right to act is lost. The cache learns of it. */
const putter =
  ({ cluster, write }: ApplyDeps, signal: AbortSignal) =>
  async (manifest: KubeObject): Promise<KubeObject> => {
    signal.throwIfAborted()
    const written = await write.apply<KubeObject>(manifest, { signal })
    cluster.cache.put(written)
    return written
  }

/** Main object first but held back, so that everything else has an owner from its first moment; then the main object as it should be. */
async function writeSet(deps: ApplyDeps, { main, claims, dependents }: Manifests, signal: AbortSignal): Promise<KubeObject> {
  const { cluster } = deps
  const put = putter(deps, signal)
  for (const claim of claims) await put(claim)
  if (dependents.length === 0) return put(main)
  // To hold back what somebody else has let go meanwhile would end its pod: the cache may be late.
  const place = { namespace: main.metadata.namespace ?? '', name: main.metadata.name }
  const known = cluster.cache.kept[main.kind === 'Job' ? 'jobs' : 'deployments'].get(place.namespace, place.name)
  const now = known ?? (await readNow(cluster, main.kind, place))
  if (now && !isHeld(now)) return now
  const first = await put(heldBack(main))
  const uid = first.metadata.uid ?? ''
  for (const dependent of dependents) await put(ownedBy(dependent, { ...first, ...first.metadata, uid }))
  // This very object or none: a request that arrives late must not make again what has ended and was removed meanwhile.
  return put({ ...main, metadata: { ...main.metadata, uid } })
}

/** What is held back was edited meanwhile: the field stays with whoever took it, and the write is tried again until it is given back. */
const takenField = (error: unknown): string | undefined =>
  isKubeError(error, 409) && /conflict with "/.test(error.message) ? `Somebody changed it while it was being made: ${error.message}` : undefined

/** Makes a workload real. What was refused half-way is taken away again. */
export const applier = (deps: ApplyDeps) => {
  const { cluster, write, options } = deps
  const namespaceOf = (project: string) => cluster.namespaceOf(project)
  const answerTo = (error: unknown, { project }: Workload): Applied => {
    const taken = takenField(error)
    if (taken !== undefined) return { done: false, phase: 'starting', detail: taken }
    const refused = refusalOf(error)
    if (!refused) throw error
    if (refused.code === 'namespace-missing') deps.forgetNamespace(project)
    return { refused }
  }
  const manifestsOf = ({ workload, secrets }: Wanted): Manifests => manifestsFor(workload, { ...options, namespace: namespaceOf(workload.project), secrets })

  async function make(wanted: Wanted): Promise<Applied> {
    const { workload, secrets, signal } = wanted
    const set = manifestsOf(wanted)
    const missing = missingSecrets(workload, secrets)
    if (missing.length > 0) return { refused: secretMissing(workload, missing) }
    try {
      const taken = (await takenName(cluster, workload, { ...set, signal })) ?? (options.shared ? await foreignVolume(cluster, workload, signal) : undefined)
      if (taken) return { refused: taken }
      await deps.prepareNamespace(workload, signal)
      await rehearse(deps, set, wanted)
    } catch (error) {
      return answerTo(error, workload)
    }
    try {
      const written = await writeSet(deps, marked(set), signal)
      return { done: true, uid: written.metadata.uid ?? '' }
    } catch (error) {
      const answer = answerTo(error, workload)
      if ('refused' in answer)
        await write.delete(workload.action === 'job' ? 'Job' : 'Deployment', { namespace: namespaceOf(workload.project), name: workload.name })
      return answer
    }
  }

  /** What stands is kept; what somebody took from it is made again. */
  async function keep(main: KubeObject, uid: string, wanted: Wanted): Promise<Applied> {
    try {
      const refused = await mend(cluster, main, { ...wanted, set: marked(manifestsOf(wanted)), put: putter(deps, wanted.signal) })
      return refused ? { refused } : { done: true, uid }
    } catch (error) {
      return answerTo(error, wanted.workload)
    }
  }

  return async (workload: Workload, secrets: Secrets, signal: AbortSignal): Promise<Applied> => {
    signal.throwIfAborted()
    cluster.cache.assertFresh()
    const { main, uid } = standing(deps, workload)
    const wanted = { workload, secrets, signal }
    if (uid === undefined || (main && isHeld(main))) return make(wanted)
    return main?.kind === 'Deployment' ? keep(main, uid, wanted) : { done: true, uid }
  }
}
