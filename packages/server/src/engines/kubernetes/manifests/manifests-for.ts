import { ACTIONS } from 'davit/contract'
import type { Workload } from '#domain/workload.ts'
import { claimManifests } from './claims.ts'
import { configMapManifest } from './config-map.ts'
import type { ClaimManifest, DependentManifest, DeploymentManifest, JobManifest, MainManifest, ManifestOptions } from './manifest.ts'
import { metadataOf, selectorOf } from './metadata.ts'
import { podTemplate } from './pod.ts'
import { secretManifest } from './secret.ts'
import { serviceManifests } from './services.ts'

/** A finished Job is removed by us once all of it is stored; this is for the case that we never come back. */
const DEFAULT_TTL_SECONDS = 7 * 86_400
/** After this long without progress the Deployment says so. It goes on trying all the same. */
const PROGRESS_DEADLINE_SECONDS = 600

/** Everything that an attempt is on a cluster. */
export interface Manifests {
  readonly main: MainManifest
  /** Belong to `main` (`ownedBy`) and go with it. */
  readonly dependents: readonly DependentManifest[]
  /** Belong to the run: they outlive its attempts, and `main` does not start without them. */
  readonly claims: readonly ClaimManifest[]
}

/** One pod, once: who tries again, and when, is our decision and not the Job controller's. */
const jobManifest = (workload: Workload, options: ManifestOptions): JobManifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: metadataOf(workload, options),
  spec: {
    parallelism: 1,
    completions: 1,
    backoffLimit: 0,
    podReplacementPolicy: 'Failed',
    ttlSecondsAfterFinished: options.ttlSeconds ?? DEFAULT_TTL_SECONDS,
    suspend: false,
    template: podTemplate(workload, options),
  },
})

const deploymentManifest = (workload: Workload, options: ManifestOptions): DeploymentManifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadataOf(workload, options),
  spec: {
    replicas: workload.replicas,
    selector: { matchLabels: selectorOf(workload, options) },
    strategy: { type: 'RollingUpdate' },
    progressDeadlineSeconds: PROGRESS_DEADLINE_SECONDS,
    template: podTemplate(workload, options),
  },
})

/** An attempt as the objects that the API takes. Pure: the same workload and secrets give the same, for ever. The workload must have passed `check`. */
export function manifestsFor(workload: Workload, options: ManifestOptions): Manifests {
  const secret = secretManifest(workload, options)
  const configMap = configMapManifest(workload, options)
  return {
    main: ACTIONS[workload.action].longRunning ? deploymentManifest(workload, options) : jobManifest(workload, options),
    dependents: [...(secret ? [secret] : []), ...(configMap ? [configMap] : []), ...serviceManifests(workload, options)],
    claims: claimManifests(workload, options),
  }
}
