import { createHash } from 'node:crypto'

export interface Route {
  readonly link: string
  /** As unsigned numbers in host order. */
  readonly address: number
  readonly mask: number
}

/** Hexadecimal in the byte order of the machine: little-endian on everything we run on. */
const littleEndian = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE(0)

/** Reads /proc/net/route, without the default route. */
export const parseRoutes = (text: string): readonly Route[] =>
  text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8)
    .map(([link = '', address = '0', , , , , , mask = '0']) => ({ link, address: littleEndian(address), mask: littleEndian(mask) }))
    .filter((route) => route.mask !== 0)

const FIRST = 200
const COUNT = 50
const WIDTH_16 = 0xffff_0000

/** `10.213` of `10.213.0.0/16`. */
export type Pool = `10.${number}`

const baseOf = (pool: Pool): number => (10 << 24) | (Number(pool.slice(3)) << 16)
const overlaps = (pool: Pool, { address, mask }: Route): boolean => ((baseOf(pool) ^ address) & WIDTH_16 & mask) === 0

/** Routes into this pool. */
export const routesInto = (pool: Pool, routes: readonly Route[]): readonly Route[] => routes.filter((route) => overlaps(pool, route))

export interface ChoosePool {
  /** Spreads engines that start at the same time. */
  readonly seed: string
  readonly routes: readonly Route[]
  /** Pools that other private engines were started with, whether they use them yet or not. */
  readonly taken: readonly string[]
}

/** A /16 of 10.200–10.249 that no route touches; undefined when all are in use. Pure. */
export const choosePool = ({ seed, routes, taken }: ChoosePool): Pool | undefined => {
  const start = createHash('sha256').update(seed).digest().readUInt32BE(0)
  const pools = Array.from({ length: COUNT }, (_, index): Pool => `10.${FIRST + ((start + index) % COUNT)}`)
  return pools.find((pool) => !taken.includes(pool) && routesInto(pool, routes).length === 0)
}
