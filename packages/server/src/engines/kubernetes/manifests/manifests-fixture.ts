import type { Action, RunSpec } from 'davit/contract'
import type { Workload } from '#domain/workload.ts'
import { workloadOf } from '#domain/workload-of.ts'
import type { ManifestOptions } from './manifest.ts'

/** A workload as a run's spec becomes one. */
export const workloadFrom = (spec: Partial<RunSpec> = {}, action: Action = 'job', attempt = 1): Workload =>
  workloadOf({ id: 'r1', project: 'p', action, spec: { task: 't', function: 'container://p/Hello:1', image: 'app:1', ...spec } }, attempt)

export const sampleOptions = (options: Partial<ManifestOptions> = {}): ManifestOptions => ({
  namespace: 'ns',
  shared: true,
  installation: 'i1',
  secrets: {},
  defaults: {},
  ...options,
})
