import * as z from 'zod'
import { parseQuantity, Quantity } from './quantity.ts'

const Amount = z.union([Quantity, z.looseObject({ requests: Quantity.optional(), limits: Quantity.optional() })], {
  error: 'is not a quantity (500m, 0.5, 512Mi, 1Gi) nor { requests, limits } of such',
})
type Amount = z.infer<typeof Amount>

const RESOURCE_NAMES = ['cpu', 'mem', 'gpu', 'disk'] as const
type ResourceName = (typeof RESOURCE_NAMES)[number]

/**
 * CPU (cores), memory and disk (bytes), GPUs (pieces). Three forms are taken, as the lines of the official SDK send them: flat
 * `{ cpu: '500m' }`, nested `{ cpu: { requests, limits } }`, and the list `[{ resource_type, requests, limits }]`.
 */
export const Resources = z
  .union([
    z.looseObject({ cpu: Amount.optional(), mem: Amount.optional(), gpu: Amount.optional(), disk: Amount.optional() }),
    z.array(z.looseObject({ resource_type: z.enum(RESOURCE_NAMES), requests: Quantity.optional(), limits: Quantity.optional() })),
  ])
  .superRefine((resources, context) => {
    for (const [name, { request, limit }] of Object.entries(requestsAndLimits(resources)))
      if (request !== undefined && limit !== undefined && request > limit)
        context.addIssue({ code: 'custom', path: [name], message: `requests more (${request}) than its limit (${limit})` })
  })
  .meta({ id: 'Resources' })
export type Resources = z.infer<typeof Resources>

const textOf = (quantity: string | number | undefined): string | undefined => (quantity === undefined ? undefined : String(quantity))
const pairOf = (amount: Amount) => {
  const { requests, limits } = typeof amount === 'object' ? amount : { requests: amount, limits: amount }
  return { requests: textOf(requests), limits: textOf(limits) }
}

/**
 * Any of the three forms as texts in one: flat, as SDK ≥ 0.14 has it, or nested, as ≤ 0.13 has it. No line reads numbers with a fraction, a list,
 * or a mixture. Flat is what has each request as its limit and nothing else. Where nobody says which: nested if something is; a list if it must.
 */
export function resourceTexts(resources: Resources, wanted?: 'flat' | 'nested'): Exclude<Resources, unknown[]> {
  const listed = Array.isArray(resources)
  const amounts: readonly (readonly [string, Amount])[] = listed
    ? resources.map(({ resource_type, requests, limits }) => [resource_type, { requests, limits }])
    : RESOURCE_NAMES.flatMap((name) => (resources[name] === undefined ? [] : [[name, resources[name]]]))
  const pairs = amounts.map(([name, amount]) => [name, pairOf(amount)] as const)
  const canBeFlat = pairs.every(([, { requests, limits }]) => requests === limits)
  const flat = wanted === undefined && !listed ? amounts.every(([, amount]) => typeof amount !== 'object') : canBeFlat && wanted !== 'nested'
  return { ...(listed ? {} : resources), ...Object.fromEntries(pairs.map(([name, pair]) => [name, flat ? pair.requests : pair])) }
}

/** One resource in base units: cores, bytes or pieces. Absent means: the engine decides, nothing throttles. */
export interface RequestAndLimit {
  readonly request?: number
  readonly limit?: number
}

const asPair = (amount: Amount): RequestAndLimit => {
  const nested = typeof amount === 'object' ? amount : { requests: amount, limits: amount }
  const request = nested.requests === undefined ? undefined : parseQuantity(nested.requests)
  const limit = nested.limits === undefined ? undefined : parseQuantity(nested.limits)
  return { ...(request !== undefined && { request }), ...(limit !== undefined && { limit }) }
}

/** Any of the three forms as one. A flat amount is both request and limit. */
export function requestsAndLimits(resources: z.input<typeof Resources>): Partial<Record<ResourceName, RequestAndLimit>> {
  if (Array.isArray(resources)) return Object.fromEntries(resources.map(({ resource_type, ...pair }) => [resource_type, asPair(pair)]))
  return Object.fromEntries(RESOURCE_NAMES.flatMap((name) => (resources[name] === undefined ? [] : [[name, asPair(resources[name])]])))
}
