import type { Problem } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import { LABEL } from '../labels.ts'
import { labelText, qualifiedName } from './rules.ts'

const MOST_ANNOTATION_BYTES = 256 * 1024

/** Keys that Kubernetes' controllers, or we, find objects by. */
const RESERVED = ['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'pod-template-hash']
const isReserved = (key: string): boolean => RESERVED.includes(key) || key.startsWith('davit.dev/')
/** What we say of our objects in everybody's words; of a user's label of that key nothing would be left. */
const OWN_LABELS: readonly string[] = [LABEL.managedBy, LABEL.name, LABEL.instance, LABEL.component]

const reserved = (path: string): Problem => ({ path, message: 'is a key that the system sets itself; choose another' })

const found = (path: string, messages: readonly (string | undefined)[]): readonly Problem[] =>
  messages.flatMap((message) => (message === undefined ? [] : [{ path, message }]))

const bytesOf = (map: Readonly<Record<string, string>>): number =>
  Object.entries(map).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)

export function metadataProblems({ labels, annotations }: Workload): readonly Problem[] {
  return [
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...found(`spec.labels.${key}`, [qualifiedName(key), labelText(value)]),
      ...(isReserved(key) || OWN_LABELS.includes(key) ? [reserved(`spec.labels.${key}`)] : []),
    ]),
    ...Object.keys(annotations).flatMap((key) => [
      // Of an annotation's key Kubernetes takes any case.
      ...found(`spec.annotations.${key}`, [qualifiedName(key.toLowerCase())]),
      ...(isReserved(key) ? [reserved(`spec.annotations.${key}`)] : []),
    ]),
    ...(bytesOf(annotations) > MOST_ANNOTATION_BYTES ? [{ path: 'spec.annotations', message: 'hold more than 256 KiB in all' }] : []),
  ]
}
