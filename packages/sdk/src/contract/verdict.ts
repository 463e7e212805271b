import * as z from 'zod'
import { keysOf } from './table.ts'

/**
 * Why a run is not as wanted: a closed table. `blame` decides the CLI's exit code: application 10, infrastructure 11, memory 12,
 * user 13. `transient` causes may pass by themselves, so the run goes on while they show.
 */
export const VERDICT_CODES = {
  'image-not-found': { title: 'The image does not exist', blame: 'infrastructure', transient: false },
  'image-registry-unreachable': { title: 'The image registry cannot be reached', blame: 'infrastructure', transient: true },
  'image-access-denied': { title: 'The registry refuses access to the image', blame: 'infrastructure', transient: false },
  'image-bad-name': { title: 'The image name is not valid', blame: 'infrastructure', transient: false },
  'command-not-found': { title: 'The command does not exist in the image', blame: 'application', transient: false },
  'command-not-executable': { title: 'The command cannot be executed', blame: 'application', transient: false },
  'exit-nonzero': { title: 'The container ended with an error', blame: 'application', transient: false },
  'oom-killed': { title: 'The container used more memory than its limit', blame: 'memory', transient: false },
  'crash-loop': { title: 'The container keeps ending right after it starts', blame: 'application', transient: true },
  'node-port-taken': { title: 'The port is already in use on this machine', blame: 'infrastructure', transient: false },
  'port-not-listening': { title: 'Nothing listens on the target port', blame: 'application', transient: true },
  'config-refused': { title: 'The engine refuses this configuration', blame: 'infrastructure', transient: false },
  'disk-full': { title: "The engine's disk is full", blame: 'infrastructure', transient: true },
  'secret-missing': { title: 'A secret that the run needs does not exist', blame: 'infrastructure', transient: false },
  'workload-removed': { title: 'The container was removed by somebody else', blame: 'infrastructure', transient: false },
  'engine-unreachable': { title: 'The engine does not answer', blame: 'infrastructure', transient: true },
  'unschedulable-cpu': { title: 'No node has enough free CPU', blame: 'infrastructure', transient: true },
  'unschedulable-memory': { title: 'No node has enough free memory', blame: 'infrastructure', transient: true },
  'unschedulable-gpu': { title: 'No node has a free GPU', blame: 'infrastructure', transient: true },
  'unschedulable-selector': { title: 'No node carries the labels that the node selector asks for', blame: 'infrastructure', transient: true },
  'unschedulable-affinity': { title: 'No node fits the affinity rules', blame: 'infrastructure', transient: true },
  'unschedulable-taint': { title: 'Every fitting node has a taint that is not tolerated', blame: 'infrastructure', transient: true },
  'unschedulable-volume': { title: 'No node can mount the volumes', blame: 'infrastructure', transient: true },
  unschedulable: { title: 'No node takes the container', blame: 'infrastructure', transient: true },
  'quota-exceeded': { title: "The namespace's quota is used up", blame: 'infrastructure', transient: true },
  'admission-refused': { title: 'The cluster refuses this workload', blame: 'infrastructure', transient: false },
  'access-refused': { title: 'Davit may not do this in the cluster', blame: 'infrastructure', transient: true },
  'needs-root': { title: 'The image wants to run as root, which is not allowed here', blame: 'infrastructure', transient: false },
  'config-missing': { title: 'Something that the container refers to does not exist', blame: 'infrastructure', transient: true },
  'volume-pending': { title: 'A volume is not ready yet', blame: 'infrastructure', transient: true },
  'start-failed': { title: 'The container cannot be started', blame: 'infrastructure', transient: true },
  'namespace-missing': { title: 'The namespace does not exist', blame: 'infrastructure', transient: true },
  'cluster-unknown': { title: 'The configuration names no such cluster', blame: 'infrastructure', transient: false },
  'service-name-taken': { title: 'The service name belongs to something else', blame: 'infrastructure', transient: false },
  evicted: { title: 'The node evicted the container', blame: 'infrastructure', transient: false },
  preempted: { title: 'The container gave way to one of higher priority', blame: 'infrastructure', transient: false },
  'node-lost': { title: 'The node does not answer', blame: 'infrastructure', transient: true },
  'rollout-stuck': { title: 'The deployment makes no progress', blame: 'infrastructure', transient: true },
  'partly-available': { title: 'Not all replicas are available', blame: 'infrastructure', transient: true },
  'deadline-exceeded': { title: 'The job took longer than its deadline', blame: 'application', transient: false },
  suspended: { title: 'Somebody suspended it in the cluster', blame: 'user', transient: true },
  'stopped-by-user': { title: 'The run was stopped on request', blame: 'user', transient: false },
} as const satisfies Record<string, { title: string; blame: 'application' | 'infrastructure' | 'memory' | 'user'; transient: boolean }>
export type VerdictCode = keyof typeof VERDICT_CODES

/** CLI exit codes of finished runs (reference: peers §7.3), by who has to act. */
export const BLAME_EXIT = { application: 10, infrastructure: 11, memory: 12, user: 13 } as const satisfies Record<
  (typeof VERDICT_CODES)[VerdictCode]['blame'],
  number
>

/** The cause, in words a user can act on: evidence is what was seen, word for word; the hint is what to do. */
export const Verdict = z
  .looseObject({
    code: z.enum(keysOf(VERDICT_CODES)),
    title: z.string(),
    evidence: z.array(z.string()),
    hint: z.string(),
    exit_code: z.int().optional(),
  })
  .meta({ id: 'Verdict' })
export type Verdict = z.infer<typeof Verdict>
