import { type Action, type EnvVar, functionParameters, parseOrThrow, runParameters, unknownFields } from 'davit/contract'
import * as z from 'zod'
import { invalid } from '#runner/invalid.ts'
import { parseSets } from './set-flag.ts'
import type { WorkloadInput } from './workload-flags.ts'

const FunctionFields = z.looseObject(functionParameters)
const RunFields = z.looseObject(runParameters)
type FunctionFields = z.infer<typeof FunctionFields>
type RunFields = z.infer<typeof RunFields>

/** What a command line describes: a function's spec and what its run adds. */
export interface WorkloadSpec {
  readonly functionName: string
  readonly functionSpec: FunctionFields
  readonly runSpec: RunFields
}

const PULL_POLICIES = { missing: 'IfNotPresent', always: 'Always', never: 'Never' } as const

/** `ghcr.io/acme/app:1` → `app`: the last word of the image's name, without tag and digest. */
export const functionNameOfImage = (image: string): string => {
  const last = image.replace(/@.*$/, '').split('/').at(-1)?.replace(/:.*$/, '') ?? ''
  const name = last
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[-._]+|[-._]+$/g, '')
  if (name === '') throw invalid(`"${image}" is no name of an image`, { hint: 'write it as hello-world:latest or ghcr.io/acme/app:1' })
  return name.slice(0, 63)
}

const whole = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits))

/** `8085:8501`, `8085`, `53/udp` → an entry of `service_ports`. */
export const parsePort = (text: string): Record<string, unknown> => {
  const [, port, target, protocol] = text.match(/^(\d+)(?::(\d+))?(?:\/(tcp|udp))?$/i) ?? []
  if (port === undefined)
    throw invalid(`--port takes PORT or PORT:TARGET, not "${text}"`, {
      hint: /-/.test(text) ? 'for a range give --port once for each port' : 'as --port 8085:8501; /udp may follow',
    })
  return { port: whole(port), ...(target !== undefined && { target_port: whole(target) }), ...(protocol !== undefined && { protocol: protocol.toUpperCase() }) }
}

/** `data:/var/data:1Gi` → a volume that outlives its containers. */
export const parseVolume = (text: string): Record<string, unknown> => {
  const [name = '', path = '', size, more] = text.split(':')
  if (!/^[^/]+$/.test(name) || !path.startsWith('/') || more !== undefined)
    throw invalid(
      `--volume takes NAME:/PATH or NAME:/PATH:SIZE, not "${text}"`,
      name.startsWith('/') ? { hint: 'folders of this machine cannot be mounted; name a volume' } : {},
    )
  return { volume_type: 'persistent_volume_claim', name, mount_path: path, ...(size !== undefined && { spec: { size } }) }
}

const parseUser = (text: string): Record<string, unknown> => {
  const [, user, group] = text.match(/^(\d+)(?::(\d+))?$/) ?? []
  if (user === undefined) throw invalid(`--user takes UID or UID:GID as numbers, not "${text}"`)
  return { run_as_user: whole(user), ...(group !== undefined && { run_as_group: whole(group) }) }
}

const parseLabel = (text: string): { readonly name: string; readonly value: string } => {
  const at = text.indexOf('=')
  if (at === 0 || text === '') throw invalid(`--label takes KEY=VALUE, not "${text}"`)
  return at === -1 ? { name: text, value: '' } : { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** Fields without a value are left out, so that they never hide a default. */
const given = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)))

const functionFieldsOf = ({ image, args, entrypoint, command, pull }: WorkloadInput): Record<string, unknown> =>
  given({ image, image_pull_policy: pull && PULL_POLICIES[pull], entrypoint, command, args })

const runFieldsOf = (input: WorkloadInput, envs: readonly EnvVar[]): Record<string, unknown> => {
  const resources = given({ cpu: input.cpu, mem: input.memory, gpu: input.gpu })
  return given({
    envs,
    secrets: input.secret,
    labels: input.label.map(parseLabel),
    resources: Object.keys(resources).length > 0 ? resources : undefined,
    volumes: input.volume.map(parseVolume),
    replicas: input.replicas,
    service_ports: input.port?.map(parsePort),
    service_type: input.type,
    termination_grace_period_seconds: input.grace === undefined ? undefined : Math.ceil(input.grace / 1000),
    ...(input.user !== undefined && parseUser(input.user)),
  })
}

const split = (fields: Readonly<Record<string, unknown>>, known: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(known, name)))

const refuseUnknown = (schema: z.ZodType, value: unknown): void => {
  const [unknown] = unknownFields(schema, value)
  if (unknown)
    throw invalid(`--set: unknown field ${unknown.path}`, {
      path: unknown.path,
      ...(unknown.nearest !== undefined && { hint: `did you mean ${unknown.nearest}?` }),
    })
}

/** Flags as specs, checked against the contract before anything is sent. `--set` wins over the other flags. */
export const workloadSpec = (input: WorkloadInput, { envs, action }: { envs: readonly EnvVar[]; action: Action }): WorkloadSpec => {
  const sets = parseSets(input.set)
  const functionFields = { ...functionFieldsOf(input), ...split(sets, functionParameters) }
  const runFields = { ...runFieldsOf(input, envs), ...split(sets, runParameters) }
  refuseUnknown(FunctionFields, functionFields)
  refuseUnknown(RunFields, runFields)
  if (action === 'serve' && !Array.isArray(runFields['service_ports']))
    throw invalid('serve needs a port', { path: 'service_ports', hint: 'add --port 8085:8501: callers use the first, the container listens on the second' })
  return {
    functionName: input.function ?? functionNameOfImage(input.image),
    functionSpec: parseOrThrow(FunctionFields, functionFields),
    runSpec: parseOrThrow(RunFields, runFields),
  }
}
