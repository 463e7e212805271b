import type { Refusal } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import type { ManifestOptions, SecretManifest } from './manifest.ts'
import { metadataOf } from './metadata.ts'
import { dataKey } from './names.ts'

/** Every secret that a workload shows, as a variable or as a file. */
const secretsOf = ({ secretNames, volumes }: Workload): readonly string[] => [
  ...new Set([...secretNames, ...volumes.flatMap(({ type, secretName }) => (type === 'secret' && secretName !== undefined ? [secretName] : []))]),
]

/** Secrets that the project has no value for: without them no container can be made. */
export const missingSecrets = (workload: Workload, secrets: ManifestOptions['secrets']): readonly string[] =>
  secretsOf(workload).filter((name) => secrets[name] === undefined)

export const secretMissing = ({ project }: Pick<Workload, 'project'>, names: readonly string[]): Refusal => ({
  code: 'secret-missing',
  evidence: names.map((name) => `secret ${name} has no value in project ${project}`),
})

/** The values of one attempt; the pod only names the keys. Undefined: it needs none. */
export function secretManifest(workload: Workload, options: ManifestOptions): SecretManifest | undefined {
  const names = secretsOf(workload)
  if (names.length === 0) return undefined
  const data = names.flatMap((name) => {
    const value = options.secrets[name]
    return value === undefined ? [] : [[dataKey(name), Buffer.from(value, 'utf8').toString('base64')] as const]
  })
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(workload, options), type: 'Opaque', data: Object.fromEntries(data) }
}
