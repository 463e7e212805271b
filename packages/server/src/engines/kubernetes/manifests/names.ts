import { createHash } from 'node:crypto'
import { dnsLabel } from '#domain/names.ts'
import type { Workload, WorkloadVolume } from '#domain/workload.ts'

const MAX_LABEL = 63
const LABEL_TEXT = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const HASH = 8

const hashOf = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, HASH)

/** A DNS label that tells its parts apart: never too long, and another for other parts. */
function tellingLabel(parts: readonly string[]): string {
  const clean = parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, MAX_LABEL - HASH - 1)
    .replace(/^-+|-+$/g, '')
  return `${clean || 'x'}-${hashOf(parts)}`
}

/** Services must begin with a letter on servers before 1.36. */
const withLetter = (label: string): string => (/^[a-z]/.test(label) ? label : tellingLabel(['svc', label]))

/** The only container of a pod. */
export const CONTAINER = 'main'

/** A volume's name inside the pod: its own where that is a DNS label, else with a hash, so that no two become one. */
export const volumeName = (name: string): string => (name.length <= MAX_LABEL && LABEL_TEXT.test(name) ? name : tellingLabel([name]))

/** The claim that is made for a run's volume: the same for each attempt, and nobody else's. */
export const claimName = ({ runId }: Pick<Workload, 'runId'>, { name }: Pick<WorkloadVolume, 'name'>): string => tellingLabel(['davit', runId, name])

/** A key of a Secret or ConfigMap for any text. */
export const dataKey = (text: string): string =>
  text.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(text) && !text.startsWith('..') && text !== '.' ? text : `k-${tellingLabel([text])}`

/** The Service that is the run's alone. */
export const ownServiceName = ({ action, runId }: Pick<Workload, 'action' | 'runId'>): string => withLetter(dnsLabel(`${action}-${runId}`))

/**
 * Further names under which a service answers. The one that its user chose stays as it is; the function's own name, which others
 * may use too, holds the project's where a namespace has several.
 */
export function aliasNames(
  workload: Pick<Workload, 'action' | 'runId' | 'project' | 'functionName' | 'serviceNames' | 'serviceName'>,
  shared: boolean,
): string[] {
  const { project, functionName, serviceNames, serviceName } = workload
  const implicit = dnsLabel(functionName)
  const own = ownServiceName(workload)
  const names = serviceNames.map((name) =>
    name === implicit && name !== serviceName && shared ? withLetter(tellingLabel([functionName, project])) : withLetter(name),
  )
  return [...new Set(names)].filter((name) => name !== own)
}
