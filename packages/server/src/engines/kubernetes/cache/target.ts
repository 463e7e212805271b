import { LABEL } from '../labels.ts'
import { WATCHED, type WatchedKind } from '../objects.ts'

/** Where a kind is listed and watched, and which of its objects are ours. */
export interface Target {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

/** `namespace` undefined: all. `installation`: the label's value. */
export function targetOf(kind: WatchedKind, { namespace, installation }: { readonly namespace: string | undefined; readonly installation: string }): Target {
  const { path, resource, ours } = WATCHED[kind]
  return {
    path: `${path}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource}`,
    query: ours ? { labelSelector: `${LABEL.installation}=${installation}` } : { fieldSelector: 'type=Warning' },
  }
}
