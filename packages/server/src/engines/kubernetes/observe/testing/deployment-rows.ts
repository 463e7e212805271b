import type { Row } from './row.ts'
import {
  ago,
  cond,
  deployment,
  NAME,
  ofDeployment,
  ofService,
  over,
  pod,
  replicaSet,
  running,
  saying,
  stopped,
  terminated,
  unscheduled,
  waiting,
} from './things.ts'

const named = (name: string) => `${NAME}-${name}`
const notReady = { conditions: [cond('PodScheduled', 'True'), cond('ContainersReady', 'False'), cond('Ready', 'False')] }
const ready = pod({ state: running })
const looping = (restarts: number, reason = 'Error') =>
  pod({
    state: waiting('CrashLoopBackOff', 'back-off 10s'),
    lastState: terminated(reason === 'OOMKilled' ? 137 : 2, reason),
    restarts,
    status: { phase: 'Running', ...notReady },
  })
const quota = 'pods "x" is forbidden: exceeded quota: q'

/** What deploy and serve have. */
export const DEPLOYMENT_ROWS: readonly Row[] = [
  { shows: 'Deployment without pods yet', seen: ofDeployment([]), state: 'PENDING', phase: 'scheduling' },
  { shows: 'all pods run', seen: ofDeployment([ready]), state: 'RUNNING', phase: 'running' },
  {
    shows: 'serve: pod runs, its first TCP port does not answer yet',
    seen: ofService([pod({ state: { running: { startedAt: ago(5) } }, status: { phase: 'Running', ...notReady } })]),
    state: 'PENDING',
    phase: 'starting',
  },
  {
    shows: 'serve: pod runs, its first TCP port does not answer after 15 s',
    seen: ofService([pod({ state: running, status: { phase: 'Running', ...notReady } })]),
    state: 'RUNNING',
    phase: 'degraded',
    verdict: 'port-not-listening',
  },
  { shows: 'serve: pod is ready', seen: ofService([ready]), state: 'RUNNING', phase: 'running' },
  { shows: 'container ended once and is started again', seen: ofDeployment([looping(1)]), state: 'PENDING', phase: 'starting' },
  { shows: 'CrashLoopBackOff', seen: ofDeployment([looping(3)]), state: 'PENDING', phase: 'degraded', verdict: 'crash-loop' },
  { shows: 'CrashLoopBackOff, five restarts within minutes', seen: ofDeployment([looping(5)]), state: 'ERROR', phase: 'finished', verdict: 'crash-loop' },
  { shows: 'CrashLoopBackOff, ended by OOMKilled', seen: ofDeployment([looping(3, 'OOMKilled')]), state: 'PENDING', phase: 'degraded', verdict: 'oom-killed' },
  {
    shows: 'CrashLoopBackOff, five restarts in all, the last life long',
    seen: ofDeployment([
      pod({
        state: waiting('CrashLoopBackOff'),
        lastState: { terminated: { exitCode: 2, reason: 'Error', startedAt: ago(9000), finishedAt: ago(5) } },
        restarts: 5,
        status: { phase: 'Running', ...notReady },
      }),
    ]),
    state: 'PENDING',
    phase: 'starting',
  },
  {
    shows: 'five restarts within minutes, and it runs again: not ready yet',
    seen: ofService([pod({ state: { running: { startedAt: ago(3) } }, lastState: terminated(2), restarts: 5, status: { phase: 'Running', ...notReady } })]),
    state: 'RUNNING',
    phase: 'degraded',
    verdict: 'crash-loop',
  },
  {
    shows: 'CrashLoopBackOff of one, five restarts within minutes, while others are ready',
    seen: ofDeployment([ready, { ...looping(5), metadata: { ...ready.metadata, name: named('b') } }], { deployment: deployment() }),
    state: 'RUNNING',
    phase: 'degraded',
    verdict: 'partly-available',
  },
  {
    shows: 'CrashLoopBackOff after StartError: executable file not found',
    seen: ofDeployment([
      pod({ state: waiting('CrashLoopBackOff'), lastState: terminated(128, 'StartError', 'exec: "nope": executable file not found in $PATH'), restarts: 1 }),
    ]),
    state: 'ERROR',
    phase: 'finished',
    verdict: 'command-not-found',
  },
  {
    shows: 'some replicas are ready, others have any trouble',
    seen: ofDeployment([ready, { ...unscheduled('0/1 nodes are available: 1 Insufficient cpu.'), metadata: { ...ready.metadata, name: named('b') } }]),
    state: 'RUNNING',
    phase: 'degraded',
    verdict: 'partly-available',
  },
  {
    shows: 'some replicas are ready, others not for 30 s',
    seen: ofDeployment([ready, pod({ name: named('b'), state: running, status: { phase: 'Running', ...notReady } })]),
    state: 'RUNNING',
    phase: 'degraded',
    verdict: 'partly-available',
  },
  {
    shows: 'Progressing False, ProgressDeadlineExceeded, and no pod says why',
    seen: ofDeployment([pod()], {
      deployment: deployment({ status: { conditions: [cond('Progressing', 'False', 'ProgressDeadlineExceeded', 'ReplicaSet has timed out progressing.')] } }),
    }),
    state: 'PENDING',
    phase: 'starting',
    verdict: 'rollout-stuck',
  },
  {
    shows: 'ReplicaFailure: exceeded quota',
    seen: ofDeployment([], { deployment: deployment({ status: { conditions: [cond('ReplicaFailure', 'True', 'FailedCreate', quota)] } }) }),
    state: 'PENDING',
    phase: 'scheduling',
    verdict: 'quota-exceeded',
  },
  {
    shows: 'ReplicaSet, FailedCreate: exceeded quota',
    seen: ofDeployment([], { replicaSets: [saying(replicaSet(), ['FailedCreate', `Error creating: ${quota}`])] }),
    state: 'PENDING',
    phase: 'scheduling',
    verdict: 'quota-exceeded',
  },
  {
    shows: 'Deployment scaled to 0 by hand',
    seen: ofDeployment([], { deployment: deployment({ spec: { replicas: 0 } }) }),
    state: 'PENDING',
    phase: 'scheduling',
    verdict: 'suspended',
  },
  {
    shows: 'a pod was evicted, and replaced',
    seen: ofDeployment([over('Failed', { name: named('b'), status: { reason: 'Evicted', message: 'low on memory' } }), ready], { deployment: deployment() }),
    state: 'RUNNING',
    phase: 'running',
  },
  {
    shows: 'no Deployment, its pods over',
    seen: ofDeployment([over('Failed', { state: terminated(143), meta: stopped, status: { reason: 'DeadlineExceeded' } })], { deployment: undefined }),
    state: 'PENDING',
    phase: 'retrying',
  },
  { shows: 'neither Deployment nor pods', seen: ofDeployment([], { deployment: undefined }), state: 'PENDING', phase: 'retrying' },
]
