import * as z from 'zod'
import { EnvName, ProcessText } from './name.ts'

const EnvValue = z.union([ProcessText, z.number(), z.boolean()])

/** Environment variables: `[{ name, value }]` as the wire has it (`envs`), or a plain map. Numbers and booleans become text. */
export const Envs = z.union([z.array(z.looseObject({ name: EnvName, value: EnvValue })), z.record(EnvName, EnvValue)]).meta({ id: 'Envs' })
export type Envs = z.infer<typeof Envs>

export interface EnvVar {
  readonly name: string
  readonly value: string
}

/** Either form as a list, order kept. */
export const envList = (envs: Envs): readonly EnvVar[] =>
  (Array.isArray(envs) ? envs : Object.entries(envs).map(([name, value]) => ({ name, value }))).map(({ name, value }) => ({ name, value: String(value) }))
