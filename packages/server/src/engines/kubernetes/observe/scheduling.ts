import type { VerdictCode } from 'davit/contract'
import type { Pod } from '../objects.ts'

/**
 * What the scheduler's words mean, most actionable first: what keeps every node out, then what is short on a node that fits in all
 * other ways, then why nodes do not fit. The scheduler tells of each node only what kept it out first.
 */
export const SCHEDULER_RULES = [
  { pattern: /persistentvolumeclaim "[^"]*" not found/i, code: 'config-missing' },
  { pattern: /unbound immediate PersistentVolumeClaims|persistentvolumeclaim "[^"]*" is being deleted/i, code: 'volume-pending' },
  { pattern: /Insufficient [\w.-]+\/|Insufficient \S*gpu|cannot allocate all claims/i, code: 'unschedulable-gpu' },
  { pattern: /Insufficient cpu/, code: 'unschedulable-cpu' },
  { pattern: /Insufficient memory/, code: 'unschedulable-memory' },
  {
    pattern: /volume node affinity conflict|available volume zone|max volume count|persistent volumes to bind|enough free storage|PersistentVolume/i,
    code: 'unschedulable-volume',
  },
  { pattern: /pod (?:anti-)?affinity|pods anti-affinity|topology spread/i, code: 'unschedulable-affinity' },
  { pattern: /node affinity\/selector|node selector|node affinity/i, code: 'unschedulable-selector' },
  { pattern: /untolerated taint|taints? that the pod didn't tolerate/i, code: 'unschedulable-taint' },
] as const satisfies readonly { pattern: RegExp; code: VerdictCode }[]

/** How many nodes lack a resource. */
const lacking = (words: string, resource: string): number => Number(new RegExp(`(\\d+) Insufficient ${resource}\\b`).exec(words)?.[1] ?? 0)

/** The reasons without the scheduler's thoughts on preemption, which repeat them in other words. */
const reasonsIn = (message: string): string => message.split(/\.? preemption:/)[0] ?? message

/** Why no node takes a pod, from the scheduler's message. */
export function schedulingCode(message: string, { spec }: Pick<Pod, 'spec'>): VerdictCode {
  const words = reasonsIn(message)
  const code = SCHEDULER_RULES.find(({ pattern }) => pattern.test(words))?.code ?? 'unschedulable'
  if (code === 'unschedulable-cpu' && lacking(words, 'memory') > lacking(words, 'cpu')) return 'unschedulable-memory'
  const bySelector = Object.keys(spec?.nodeSelector ?? {}).length > 0
  return code === 'unschedulable-selector' && !bySelector && spec?.affinity?.nodeAffinity !== undefined ? 'unschedulable-affinity' : code
}
