import * as z from 'zod'

const SelectorKey = z.string().min(1)

/** Node labels that a node must carry: `[{ key, value }]` as DigitalHub writes it, or a plain map. */
export const NodeSelector = z
  .union([z.array(z.looseObject({ key: SelectorKey, value: z.string() })), z.record(SelectorKey, z.string())])
  .meta({ id: 'NodeSelector' })

export type NodeSelector = z.infer<typeof NodeSelector>

/** Either form as a map. */
export const selectorMap = (selector: NodeSelector): Record<string, string> =>
  Array.isArray(selector) ? Object.fromEntries(selector.map(({ key, value }) => [key, value])) : selector

/** Kubernetes' Pod Security levels that Davit offers. */
export const PodSecurity = z.enum(['baseline', 'restricted']).meta({ id: 'PodSecurity' })
export type PodSecurity = z.infer<typeof PodSecurity>

/** Kubernetes' own affinity object (nodeAffinity, podAffinity, podAntiAffinity), in its spelling or in the SDK's (node_affinity, match_expressions …). */
export const Affinity = z.looseObject({}).meta({ id: 'Affinity' })

export const Toleration = z
  .looseObject({
    key: z.string().optional(),
    operator: z.enum(['Exists', 'Equal']).optional(),
    value: z.string().optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    tolerationSeconds: z.int().optional(),
    toleration_seconds: z.int().optional(),
  })
  .meta({ id: 'Toleration' })
export type Toleration = z.infer<typeof Toleration>

/** Labels for the engine's objects: `[{ name, value }]`, a plain map, or DigitalHub's bare list of words. */
export const Labels = z
  .union([z.array(z.union([z.string(), z.looseObject({ name: z.string(), value: z.string() })])), z.record(z.string(), z.string())])
  .meta({ id: 'Labels' })
export type Labels = z.infer<typeof Labels>

/** Any of the three forms as a map; a bare word is a label with an empty value. */
export const labelMap = (labels: Labels): Record<string, string> =>
  Array.isArray(labels) ? Object.fromEntries(labels.map((label) => (typeof label === 'string' ? [label, ''] : [label.name, label.value]))) : labels
