import { invalid } from './invalid.ts'

/** One flag of a command: how it is written, what it means, how its text becomes a value. */
export interface Option<T> {
  /** As commander reads it: `-e, --env <K=V>`. */
  readonly flags: string
  readonly help: string
  /** Repeatable: values are collected in their order. */
  readonly many: boolean
  readonly parse: (text: string, flag: string) => unknown
  readonly choices?: readonly string[]
  /** The value when the flag is not given. */
  readonly absent: T
}
export type AnyOption = Option<unknown>
export type ValueOf<O> = O extends Option<infer T> ? T : never

const asIs = (text: string): string => text

export const flag = (flags: string, help: string): Option<boolean> => ({ flags, help, many: false, parse: asIs, absent: false })
export const text = (flags: string, help: string): Option<string | undefined> => ({ flags, help, many: false, parse: asIs, absent: undefined })
export const list = (flags: string, help: string): Option<readonly string[]> => ({ flags, help, many: true, parse: asIs, absent: [] })

export const choice = <const C extends readonly string[]>(flags: string, choices: C, help: string): Option<C[number] | undefined> => ({
  flags,
  help: `${help} (${choices.join(', ')})`,
  many: false,
  choices,
  parse: (given, name) => {
    if (choices.includes(given)) return given
    throw invalid(`${name} must be one of ${choices.join(', ')}, not "${given}"`)
  },
  absent: undefined,
})

export const integer = (flags: string, help: string, { min, max }: { min: number; max: number }): Option<number | undefined> => ({
  flags,
  help,
  many: false,
  parse: (given, name) => {
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    throw invalid(`${name} must be a whole number from ${min} to ${max}, not "${given}"`)
  },
  absent: undefined,
})

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const isUnit = (unit: string): unit is keyof typeof UNITS => Object.hasOwn(UNITS, unit)

/** `90`, `90s`, `1m30s`, `250ms` in milliseconds; a bare number is seconds. Undefined: not a duration. */
export const parseDuration = (given: string): number | undefined => {
  const whole = /^\d+(\.\d+)?$/.test(given) ? `${given}s` : given
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(whole)) return undefined
  return [...whole.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, amount = '', unit = '']) => sum + Number(amount) * (isUnit(unit) ? UNITS[unit] : 0),
    0,
  )
}

export const duration = (flags: string, help: string): Option<number | undefined> => ({
  flags,
  help,
  many: false,
  parse: (given, name) => {
    const ms = parseDuration(given)
    if (ms !== undefined) return ms
    throw invalid(`${name} must be a duration such as 30s, 5m or 1h30m, not "${given}"`)
  },
  absent: undefined,
})

/** `-e, --env-file <path>` → `--env-file`. */
export const longName = (option: Pick<AnyOption, 'flags'>): string => option.flags.match(/--[a-z-]+/)?.[0] ?? option.flags
/** `-e, --env-file <path>` → `-e`, where there is one. */
export const shortName = (option: Pick<AnyOption, 'flags'>): string | undefined => option.flags.match(/(?:^|[ ,])(-[a-zA-Z])\b/)?.[1]
export const takesValue = (option: Pick<AnyOption, 'flags'>): boolean => option.flags.includes('<')
