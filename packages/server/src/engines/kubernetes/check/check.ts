import type { Problem } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import { affinityProblems } from './affinity.ts'
import { containerProblems } from './container.ts'
import { metadataProblems } from './metadata.ts'
import { placementProblems } from './placement.ts'
import { serviceProblems } from './services.ts'
import { volumeProblems } from './volumes.ts'

/**
 * Everything that Kubernetes would refuse and that can be known without asking it, each with its place in the run's spec, what is
 * wrong and what is allowed. What only the cluster knows (does it exist, is it permitted) its own dry run says.
 */
export const check = (workload: Workload): readonly Problem[] =>
  [containerProblems, metadataProblems, placementProblems, affinityProblems, volumeProblems, serviceProblems].flatMap((problems) => problems(workload))
