import { parseQuantity, type RunSpec, type Volume } from 'davit/contract'
import { camelCase } from './camel-case.ts'
import type { Problem } from './engine.ts'

/** The same in snake_case and in camelCase. */
const TEXTS = [
  'medium',
  'claim_name',
  'claimName',
  'storage_class',
  'storageClass',
  'access_mode',
  'accessMode',
  'sub_path',
  'subPath',
  'config_map_name',
  'configMapName',
  'secret_name',
  'secretName',
  'image',
  'reference',
]

/** What of a volume's own spec is of the wrong kind: a name that is no text, a size that is no amount. It would be passed over in silence. */
function volumeProblems({ spec = {} }: Volume, index: number): readonly Problem[] {
  const at = (keys: readonly string[], wrong: (value: unknown) => boolean, message: string): readonly Problem[] =>
    keys.flatMap((key) => (spec[key] !== undefined && spec[key] !== null && wrong(spec[key]) ? [{ path: `spec.volumes.${index}.spec.${key}`, message }] : []))
  const noAmount = (value: unknown): boolean => (typeof value !== 'string' && typeof value !== 'number') || parseQuantity(value) === undefined
  return [
    ...at(['size', 'size_limit', 'sizeLimit'], noAmount, 'is not a quantity: write a number with an optional suffix, such as 512Mi or 1Gi'),
    ...at(TEXTS, (value) => typeof value !== 'string', 'must be text'),
    ...at(['read_only', 'readOnly'], (value) => typeof value !== 'boolean', 'must be true or false'),
    ...at(
      ['items', 'data'],
      (value) => typeof value !== 'object' || !Object.values(value ?? {}).every((text) => typeof text === 'string'),
      'must be file names and their texts',
    ),
  ]
}

/** What no engine could make sense of. */
export const specProblems = ({ volumes = [] }: RunSpec): readonly Problem[] => volumes.flatMap(volumeProblems)

/** Fields that may be written as a list, and where an entry has its key. An engine sees them as maps. */
const LISTS = { node_selector: 'key', labels: 'name', env: 'name', envs: 'name' } as const satisfies Partial<Record<keyof RunSpec, string>>

/** Objects of Kubernetes, which may be written in snake_case and are seen by an engine in camelCase. */
const SPELLED = ['affinity', 'tolerations']

/** The place of `spec.affinity.nodeAffinity` in what was written as `node_affinity`. */
function asSpelled(path: string, spec: RunSpec): string {
  let at: unknown = spec
  const [root = '', ...parts] = path.split('.')
  const spelled = parts.map((part) => {
    const keys = typeof at === 'object' && at !== null ? Object.entries(at) : []
    const [key, value] = keys.find(([name]) => name === part) ?? keys.find(([name]) => camelCase(name) === part) ?? [part, undefined]
    at = value
    return key
  })
  return [root, ...spelled].join('.')
}

/** Where a problem of `spec.node_selector.zone` stands in what its user wrote, such as `spec.node_selector.0`. */
export function asWritten(path: string, spec: RunSpec): string {
  if (SPELLED.some((field) => path.startsWith(`spec.${field}.`))) return asSpelled(path, spec)
  for (const [field, name] of Object.entries(LISTS)) {
    const prefix = `spec.${field}.`
    // The engine knows one list of variables; `envs` comes after `env`.
    const places = field === 'env' ? (['env', 'envs'] as const) : [field]
    if (!path.startsWith(prefix)) continue
    for (const place of places) {
      const value = spec[place]
      const index = Array.isArray(value) ? value.findIndex((entry) => (typeof entry === 'string' ? entry : entry[name]) === path.slice(prefix.length)) : -1
      if (index >= 0) return `spec.${place}.${index}`
      if (typeof value === 'object' && value !== null && Object.hasOwn(value, path.slice(prefix.length))) return `spec.${place}.${path.slice(prefix.length)}`
    }
  }
  return path
}
