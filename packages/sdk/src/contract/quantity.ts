import * as z from 'zod'
import { isKeyOf } from './table.ts'

/** Powers of ten, and of two. */
const DECIMAL = { n: -9, u: -6, m: -3, '': 0, k: 3, K: 3, M: 6, G: 9, T: 12, P: 15, E: 18 } as const satisfies Record<string, number>
const BINARY = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 } as const satisfies Record<string, number>

const amountOf = (text: string): number | undefined => {
  const [, number, exponent, suffix = ''] = text.match(/^\+?(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+)|([a-zA-Z]*))$/) ?? []
  if (number === undefined) return undefined
  if (isKeyOf(BINARY, suffix)) return Number(number) * 2 ** BINARY[suffix]
  const power = exponent ?? (isKeyOf(DECIMAL, suffix) ? DECIMAL[suffix] : undefined)
  return power === undefined ? undefined : Number(`${number}e${power}`)
}

/** A Kubernetes quantity, written in any of its ways, as a plain number in its base unit (cores, bytes, pieces). Undefined: not a quantity. */
export const parseQuantity = (quantity: string | number): number | undefined => {
  const amount = typeof quantity === 'number' ? quantity : amountOf(quantity.trim())
  return amount !== undefined && Number.isFinite(amount) && amount >= 0 ? amount : undefined
}

/** An amount of CPU, memory, disk or GPUs: a non-negative number with an optional suffix such as `m`, `Mi`, `Gi` or `G`. */
export const Quantity = z
  .union([z.string(), z.number()])
  .refine((value) => parseQuantity(value) !== undefined, 'is not a quantity: write a number with an optional suffix, such as 500m, 0.5, 512Mi or 1Gi')
  .meta({ id: 'Quantity' })
export type Quantity = z.infer<typeof Quantity>
