import type { RequestAndLimit } from 'davit/contract'
import type { Workload } from '#domain/workload.ts'
import type { ManifestDefaults, ResourceRequirements } from './manifest.ts'

/** A whole number without an exponent. What is less than one piece is one piece. */
export const whole = (amount: number): string => BigInt(Math.ceil(amount)).toString()

/** Cores as Kubernetes writes them: `2`, `500m`. Less than a thousandth is a thousandth: it knows nothing smaller. */
export function cores(amount: number): string {
  const thousandths = Math.ceil(Math.round(amount * 1e9) / 1e6) || (amount > 0 ? 1 : 0)
  return thousandths % 1000 === 0 ? whole(thousandths / 1000) : `${whole(thousandths)}m`
}

/** One kind of resource: its name on Kubernetes, and how its amounts are written. */
const rows = ({ gpuResource = 'nvidia.com/gpu' }: ManifestDefaults) =>
  ({
    cpu: { key: 'cpu', text: cores, pair: (pair: RequestAndLimit) => pair },
    mem: { key: 'memory', text: whole, pair: (pair: RequestAndLimit) => pair },
    disk: { key: 'ephemeral-storage', text: whole, pair: (pair: RequestAndLimit) => pair },
    // Devices are not shared: what is asked for and what is the most are one number.
    gpu: {
      key: gpuResource,
      text: whole,
      pair: ({ request, limit }: RequestAndLimit): RequestAndLimit => {
        const count = limit ?? request ?? 0
        return count > 0 ? { request: count, limit: count } : {}
      },
    },
  }) satisfies Record<keyof Workload['resources'], unknown>

/** Exactly what was asked for. What was not has no limit: a default one would throttle in silence. */
export function requirementsOf({ resources }: Pick<Workload, 'resources'>, defaults: ManifestDefaults): ResourceRequirements | undefined {
  const given = Object.entries(rows(defaults)).map(([name, { key, text, pair }]) => {
    const { request, limit } = pair(resources[name as keyof Workload['resources']] ?? {})
    return { key, request: request === undefined ? undefined : text(request), limit: limit === undefined ? undefined : text(limit) }
  })
  const requests = Object.fromEntries(given.flatMap(({ key, request }) => (request === undefined ? [] : [[key, request]])))
  const limits = Object.fromEntries(given.flatMap(({ key, limit }) => (limit === undefined ? [] : [[key, limit]])))
  const some = { ...(Object.keys(requests).length > 0 && { requests }), ...(Object.keys(limits).length > 0 && { limits }) }
  return Object.keys(some).length > 0 ? some : undefined
}
