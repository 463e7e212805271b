import { ACTIONS } from 'davit/contract'
import type { Workload } from '#domain/workload.ts'
import { containerOf } from './container.ts'
import type { ManifestOptions, PodSpec, PodTemplate } from './manifest.ts'
import { annotationsOf, labelsOf } from './metadata.ts'
import { EXPOSED, isExposed } from './services.ts'
import { podVolumes } from './volumes.ts'

const securityOf = ({ podSecurity, runAsUser, runAsGroup, fsGroup }: Workload): PodSpec['securityContext'] => ({
  seccompProfile: { type: 'RuntimeDefault' },
  ...(podSecurity === 'restricted' && { runAsNonRoot: true }),
  ...(runAsUser !== undefined && { runAsUser }),
  ...(runAsGroup !== undefined && { runAsGroup }),
  // Without the policy every file of a large volume gets its group anew at each start.
  ...(fsGroup !== undefined && { fsGroup, fsGroupChangePolicy: 'OnRootMismatch' }),
})

/** Where it may run, and as whom on the cluster. */
const placeOf = (workload: Workload): Partial<PodSpec> => {
  const { nodeSelector, affinity, tolerations, priorityClass, runtimeClass, pullSecrets, serviceAccount } = workload
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(affinity && { affinity }),
    ...(tolerations.length > 0 && { tolerations }),
    ...(priorityClass !== undefined && { priorityClassName: priorityClass }),
    ...(runtimeClass !== undefined && { runtimeClassName: runtimeClass }),
    ...(pullSecrets.length > 0 && { imagePullSecrets: [...new Set(pullSecrets)].map((name) => ({ name })) }),
    ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
  }
}

/** The pod of a workload. Its deadline is the pod's own: a Job's deadline deletes the pod, and its log with it. */
export function podTemplate(workload: Workload, options: ManifestOptions): PodTemplate {
  const { deadlineSeconds, graceSeconds, serviceAccount } = workload
  const volumes = podVolumes(workload, options)
  return {
    metadata: {
      labels: { ...labelsOf(workload, options), ...(isExposed(workload) && { [EXPOSED]: 'true' }) },
      annotations: annotationsOf(workload),
    },
    spec: {
      containers: [containerOf(workload, options)],
      restartPolicy: ACTIONS[workload.action].longRunning ? 'Always' : 'Never',
      automountServiceAccountToken: serviceAccount !== undefined,
      enableServiceLinks: false,
      // The sandbox is process 1 then: a program that handles no signals still ends on SIGTERM, by its own hand too, as under Docker's init.
      shareProcessNamespace: true,
      terminationGracePeriodSeconds: graceSeconds,
      ...(deadlineSeconds !== undefined && { activeDeadlineSeconds: deadlineSeconds }),
      securityContext: securityOf(workload),
      ...placeOf(workload),
      ...(volumes.length > 0 && { volumes }),
    },
  }
}
