import type { Problem } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import { parseImageName } from '#engines/image-name.ts'

/** The store of a cluster takes no object above 1.5 MiB; this leaves room for the rest of it. */
const MOST_TEXT_BYTES = 2 ** 20
const MOST_ID = 2 ** 31 - 1
/** Above this Kubernetes silently takes less. */
const MOST_AMOUNT = 2 ** 63 - 1024

const bytesOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)

function processProblems({ image, env, command = [], args = [] }: Workload): readonly Problem[] {
  const name = parseImageName(image)
  const text = bytesOf([...command, ...args, ...env.flatMap((variable) => [variable.name, variable.value])])
  return [
    ...(typeof name === 'string' ? [{ path: 'spec.image', message: name }] : []),
    ...(text > MOST_TEXT_BYTES ? [{ path: 'spec.args', message: 'and command and env hold more than 1 MiB in all; put it into a volume' }] : []),
  ]
}

function userProblems({ runAsUser, runAsGroup, fsGroup, podSecurity }: Workload): readonly Problem[] {
  const ids = { run_as_user: runAsUser, run_as_group: runAsGroup, fs_group: fsGroup }
  return [
    ...Object.entries(ids).flatMap(([field, id]) =>
      id !== undefined && id > MOST_ID ? [{ path: `spec.${field}`, message: `is ${id}: Kubernetes takes ids from 0 to ${MOST_ID}` }] : [],
    ),
    ...(podSecurity === 'restricted' && runAsUser === 0
      ? [{ path: 'spec.run_as_user', message: 'is 0, which is root: pod_security restricted needs another user' }]
      : []),
  ]
}

const resourceProblems = ({ resources }: Workload): readonly Problem[] =>
  Object.entries(resources).flatMap(([name, { request, limit }]) => {
    const path = `spec.resources.${name}`
    const amounts = [request, limit].filter((amount) => amount !== undefined)
    return [
      ...(amounts.some((amount) => amount > MOST_AMOUNT) ? [{ path, message: 'is more than Kubernetes can count' }] : []),
      ...(request !== undefined && limit !== undefined && request > limit ? [{ path, message: `requests more (${request}) than its limit (${limit})` }] : []),
      ...(name === 'gpu' && amounts.some((amount) => !Number.isInteger(amount)) ? [{ path, message: 'must be a whole number: GPUs are not shared' }] : []),
      ...(name === 'gpu' && request !== undefined && limit !== undefined && request < limit
        ? [{ path, message: `requests ${request} and limits to ${limit}: for GPUs both must be the same` }]
        : []),
    ]
  })

/** The container itself: image, words, user, resources. */
export const containerProblems = (workload: Workload): readonly Problem[] => [
  ...processProblems(workload),
  ...userProblems(workload),
  ...resourceProblems(workload),
]
