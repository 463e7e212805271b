import type { Workload } from '#domain/workload.ts'
import { LABEL, labelValue, ownLabels, refAnnotation } from '../labels.ts'
import type { ManifestOptions } from './manifest.ts'

type Text = Readonly<Record<string, string>>
export type Place = Pick<ManifestOptions, 'namespace' | 'installation'>

/** The user's labels and ours; ours win, since we find our objects by them. */
export const labelsOf = (workload: Workload, { installation }: Place): Text => ({ ...workload.labels, ...ownLabels(workload, installation) })

export const annotationsOf = (workload: Workload): Text => ({ ...workload.annotations, ...refAnnotation(workload) })

/** What selects the pods of an attempt, and no other. */
export const selectorOf = (workload: Workload, { installation }: Place): Text => ({
  [LABEL.installation]: labelValue(installation),
  [LABEL.workload]: labelValue(workload.name),
})

/** Metadata of an object of an attempt. */
export const metadataOf = (workload: Workload, place: Place, name: string = workload.name) => ({
  name,
  namespace: place.namespace,
  labels: labelsOf(workload, place),
  annotations: annotationsOf(workload),
})

/** Those of the labels that are the run's: what outlives an attempt looks the same to each. */
export function runMetadataOf(workload: Workload, place: Place, name: string) {
  const { [LABEL.attempt]: _attempt, [LABEL.workload]: _workload, [LABEL.instance]: _instance, ...labels } = labelsOf(workload, place)
  return { name, namespace: place.namespace, labels, annotations: { ...workload.annotations, ...refAnnotation({ ...workload, name, attempt: 0 }) } }
}
