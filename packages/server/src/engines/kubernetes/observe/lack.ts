import { isStopped, type KubeSeen, wordsOf } from './seen.ts'

export interface Lacked {
  readonly kind: 'Service' | 'Secret' | 'ConfigMap'
  readonly name: string
}

/** Of Secrets and ConfigMaps no cache knows; a node says of a pod that it cannot find them. */
const MISSED = [
  ['Secret', (name: string) => `secret "${name}" not found`],
  ['ConfigMap', (name: string) => `configmap "${name}" not found`],
] as const

const saysOf = ({ pods, eventsOf }: KubeSeen): readonly string[] =>
  pods.flatMap((pod) => {
    const waiting = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => (state?.waiting ? [wordsOf(state.waiting)] : []))
    // Once all of it runs, what was said before is over.
    return waiting.length > 0 ? [...waiting, ...eventsOf(pod).map(({ message = '' }) => message)] : []
  })

/** What belongs to a workload that goes on, and that somebody deleted. It is made again. */
export function lackOf(seen: KubeSeen): readonly Lacked[] {
  const { deployment, ref, names } = seen
  if (!deployment || isStopped(deployment)) return []
  const said = saysOf(seen)
  return [
    ...names.missing.map((name) => ({ kind: 'Service' as const, name })),
    ...MISSED.filter(([, words]) => said.some((line) => line.toLowerCase().includes(words(ref.name)))).map(([kind]) => ({ kind, name: ref.name })),
  ]
}
