import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LABEL } from '../labels.ts'
import { manifestsFor } from './manifests-for.ts'
import { sampleOptions, workloadFrom } from './manifests-fixture.ts'
import { held, ownedBy, podOf } from './owned.ts'

const of = (...args: Parameters<typeof workloadFrom>) => manifestsFor(workloadFrom(...args), sampleOptions())
const podSpec = (...args: Parameters<typeof workloadFrom>) => of(...args).main.spec.template.spec

describe('a job', () => {
  test('is one pod, once, with a deadline of its own', () => {
    const { main, dependents, claims } = of({ active_deadline_seconds: 60 })
    expect(main).toMatchObject({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'davit-job-r1-1', namespace: 'ns' },
      spec: { parallelism: 1, completions: 1, backoffLimit: 0, ttlSecondsAfterFinished: 604_800, suspend: false, podReplacementPolicy: 'Failed' },
    })
    expect(main.spec).not.toHaveProperty('activeDeadlineSeconds')
    expect(main.spec.template.spec).toMatchObject({ restartPolicy: 'Never', activeDeadlineSeconds: 60 })
    expect([dependents, claims]).toEqual([[], []])
  })

  test('stays as long as the operator says', () => {
    expect(manifestsFor(workloadFrom(), sampleOptions({ ttlSeconds: 5 })).main.spec).toMatchObject({ ttlSecondsAfterFinished: 5 })
  })
})

test('a deploy keeps its replicas and selects only its own pods', () => {
  const { main, dependents } = of({ replicas: 3, active_deadline_seconds: 9 }, 'deploy')
  expect(main).toMatchObject({
    kind: 'Deployment',
    spec: { replicas: 3, strategy: { type: 'RollingUpdate' }, template: { spec: { restartPolicy: 'Always' } } },
  })
  const selector = main.kind === 'Deployment' ? main.spec.selector.matchLabels : {}
  expect(selector).toEqual({ [LABEL.installation]: 'i1', [LABEL.workload]: 'davit-deploy-r1-1' })
  expect(main.spec.template.metadata.labels).toMatchObject(selector)
  expect(main.spec.template.spec).not.toHaveProperty('activeDeadlineSeconds')
  expect(dependents).toEqual([])
})

test('the labels and annotations of a user are on all objects; ours win', () => {
  const { main } = of({ labels: { team: 'a', [LABEL.run]: 'stolen' }, annotations: { note: 'b', 'davit.dev/ref': '{}' } })
  for (const { labels, annotations } of [main.metadata, main.spec.template.metadata]) {
    expect(labels).toMatchObject({ team: 'a', [LABEL.run]: 'r1', [LABEL.project]: 'p', 'app.kubernetes.io/managed-by': 'davit' })
    expect(annotations).toMatchObject({ note: 'b', 'davit.dev/ref': expect.stringContaining('"runId":"r1"') })
  }
})

test('where to run is passed on', () => {
  const affinity = { nodeAffinity: { any: ['thing'] } }
  const tolerations = [{ key: 'gpu', operator: 'Exists' as const, effect: 'NoSchedule' as const }]
  expect(
    podSpec({
      node_selector: [{ key: 'disk', value: 'ssd' }],
      affinity,
      tolerations,
      priority_class: 'high',
      runtime_class: 'kata',
      image_pull_secrets: ['reg', 'reg'],
      termination_grace_period_seconds: 3,
    }),
  ).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    affinity,
    tolerations,
    priorityClassName: 'high',
    runtimeClassName: 'kata',
    imagePullSecrets: [{ name: 'reg' }],
    terminationGracePeriodSeconds: 3,
  })
})

describe('rights', () => {
  test('are the least with which ordinary images run', () => {
    const spec = podSpec()
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      shareProcessNamespace: true,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(spec.containers[0].securityContext).toEqual({
      privileged: false,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['NET_RAW', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'] },
    })
    expect(JSON.stringify(spec)).not.toMatch(/host(Network|PID|IPC|Path)|serviceAccountName/)
  })

  test('are less where that is asked for', () => {
    const spec = podSpec({ pod_security: 'restricted', run_as_user: 1000, run_as_group: 1001, fs_group: 1002 })
    expect(spec.securityContext).toEqual({
      seccompProfile: { type: 'RuntimeDefault' },
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1001,
      fsGroup: 1002,
      fsGroupChangePolicy: 'OnRootMismatch',
    })
    expect(spec.containers[0].securityContext.capabilities).toEqual({ drop: ['ALL'] })
  })

  test('a service account that was asked for is mounted', () => {
    expect(podSpec({ service_account: 'robot' })).toMatchObject({ serviceAccountName: 'robot', automountServiceAccountToken: true })
  })
})

describe('around the main object', () => {
  test('what it owns says so, and does not hold it back', () => {
    const { dependents } = of({ secrets: ['KEY'] })
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'davit-job-r1-1', uid: 'u', extra: 'never sent' }
    const [secret] = dependents
    expect(secret && ownedBy(secret, owner).metadata.ownerReferences).toEqual([
      { apiVersion: 'batch/v1', kind: 'Job', name: 'davit-job-r1-1', uid: 'u', controller: false, blockOwnerDeletion: false },
    ])
  })

  test('held, it is the same without pods', () => {
    expect(held(of().main).spec).toMatchObject({ suspend: true })
    expect(held(of({ replicas: 4 }, 'deploy').main).spec).toMatchObject({ replicas: 0 })
    expect({ ...held(of().main), spec: 0 }).toEqual({ ...of().main, spec: 0 })
  })

  test('its pod can be asked for alone', () => {
    const { main } = of({}, 'serve')
    expect(podOf(main)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: main.metadata.name, namespace: 'ns', ...main.spec.template.metadata },
      spec: main.spec.template.spec,
    })
  })
})

test('the same workload gives the same objects, whatever its words', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 80 })
  fc.assert(
    fc.property(fc.array(text), fc.dictionary(fc.stringMatching(/^[A-Z]{1,9}$/), text), (args, env) => {
      expect(of({ args, env })).toEqual(of(structuredClone({ args, env })))
    }),
  )
})
