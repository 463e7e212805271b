import type { Toleration } from 'davit/contract'
import type { Problem } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import { labelText, objectName, qualifiedName } from './rules.ts'

function tolerationProblems({ key = '', operator = 'Equal', value = '', effect, tolerationSeconds }: Toleration, index: number): readonly Problem[] {
  const at = (field: string, message: string | undefined): readonly Problem[] =>
    message === undefined ? [] : [{ path: `spec.tolerations.${index}.${field}`, message }]
  return [
    ...at('key', key === '' ? undefined : qualifiedName(key)),
    ...(key === '' && operator !== 'Exists' ? at('key', 'is required, unless operator is Exists: that tolerates every key') : []),
    ...(operator === 'Exists' && value !== '' ? at('value', 'must not be given with operator Exists; use Equal to compare it') : []),
    ...(operator === 'Equal' ? at('value', labelText(value)) : []),
    ...(tolerationSeconds !== undefined && effect !== 'NoExecute' ? at('tolerationSeconds', 'means something only with effect NoExecute') : []),
  ]
}

/** Things of the cluster that a run may name. */
const namesOf = ({ priorityClass, runtimeClass, serviceAccount, pullSecrets }: Workload): readonly (readonly [string, string | undefined])[] => [
  ['spec.priority_class', priorityClass],
  ['spec.runtime_class', runtimeClass],
  ['spec.service_account', serviceAccount],
  ...pullSecrets.map((name, index) => [`spec.image_pull_secrets.${index}`, name] as const),
]

export function placementProblems(workload: Workload): readonly Problem[] {
  const selector = Object.entries(workload.nodeSelector).flatMap(([key, value]) =>
    [qualifiedName(key), labelText(value)].map((message) => ({ path: `spec.node_selector.${key}`, message })),
  )
  const names = namesOf(workload).map(([path, name]) => ({ path, message: name === undefined ? undefined : objectName(name) }))
  return [
    ...[...selector, ...names].flatMap(({ path, message }) => (message === undefined ? [] : [{ path, message }])),
    ...workload.tolerations.flatMap(tolerationProblems),
  ]
}
