import * as z from 'zod'

const SUFFIXES = {
  m: 1e-3, '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
} as const satisfies Record<string, number> // biome-ignore format: one unit family a line
type Suffix = keyof typeof SUFFIXES
const isSuffix = (text: string): text is Suffix => Object.hasOwn(SUFFIXES, text)

/** A Kubernetes quantity as a plain number in its base unit (cores, bytes, pieces). Undefined: not a quantity. */
export const parseQuantity = (quantity: string | number): number | undefined => {
  if (typeof quantity === 'number') return Number.isFinite(quantity) && quantity >= 0 ? quantity : undefined
  const [, digits, suffix = ''] = quantity.trim().match(/^(\d+(?:\.\d+)?)([a-zA-Z]*)$/) ?? []
  return digits !== undefined && isSuffix(suffix) ? Number(digits) * SUFFIXES[suffix] : undefined
}

/** An amount of CPU, memory, disk or GPUs: a non-negative number with an optional suffix such as `m`, `Mi`, `Gi` or `G`. */
export const Quantity = z
  .union([z.string(), z.number()])
  .refine((value) => parseQuantity(value) !== undefined, 'is not a quantity: write a number with an optional suffix, such as 500m, 0.5, 512Mi or 1Gi')
  .meta({ id: 'Quantity' })
export type Quantity = z.infer<typeof Quantity>
