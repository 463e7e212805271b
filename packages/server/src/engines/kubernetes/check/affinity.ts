import { nearestOf, toInvalid } from 'davit/contract'
import * as z from 'zod'
import type { Problem } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import { labelText, qualifiedName, type Rule } from './rules.ts'

const text = (rule: Rule) =>
  z.string().superRefine((value, context) => {
    const message = rule(value)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

/** The API server refuses what it does not know, so that a misspelt rule is not silently no rule. */
const exactly = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined
      const known = Object.keys(shape)
      const [key = ''] = issue.keys
      const nearest = nearestOf(key.replaceAll('_', ''), known)
      return `has no field ${key}; ${nearest ? `did you mean ${nearest}?` : `known are: ${known.join(', ')}`}`
    },
  })

const LIST_OPERATORS = ['In', 'NotIn']
const BARE_OPERATORS = ['Exists', 'DoesNotExist']

interface Expression {
  readonly operator: string
  readonly values?: readonly string[] | undefined
}

/** How many values each operator takes. */
function checkValues({ operator, values = [] }: Expression, context: z.RefinementCtx): void {
  const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['values'], message })
  if (LIST_OPERATORS.includes(operator)) {
    if (values.length === 0) refuse(`must hold at least one value with operator ${operator}`)
    for (const [index, value] of values.entries()) {
      const message = labelText(value)
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['values', index], message })
    }
  } else if (BARE_OPERATORS.includes(operator)) {
    if (values.length > 0) refuse(`must not be given with operator ${operator}`)
  } else if (values.length !== 1 || !/^-?\d+$/.test(values[0] ?? '')) refuse(`must hold one whole number, as text, with operator ${operator}`)
}

const Values = z.array(z.string()).optional()
const onNode = exactly({ key: text(qualifiedName), operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']), values: Values }).superRefine(
  checkValues,
)
const onField = exactly({ key: z.literal('metadata.name'), operator: z.enum(['In', 'NotIn']), values: z.array(z.string()).length(1) })
const onLabel = exactly({ key: text(qualifiedName), operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']), values: Values }).superRefine(checkValues)

const NodeTerm = exactly({ matchExpressions: z.array(onNode).optional(), matchFields: z.array(onField).optional() })
const LabelSelector = exactly({ matchLabels: z.record(text(qualifiedName), text(labelText)).optional(), matchExpressions: z.array(onLabel).optional() })
const Weight = z.int().min(1, 'must be from 1 to 100').max(100, 'must be from 1 to 100')

const PodTerm = exactly({
  topologyKey: text(qualifiedName),
  labelSelector: LabelSelector.optional(),
  namespaces: z.array(z.string()).optional(),
  namespaceSelector: LabelSelector.optional(),
  matchLabelKeys: z.array(text(qualifiedName)).optional(),
  mismatchLabelKeys: z.array(text(qualifiedName)).optional(),
})

const PodAffinity = exactly({
  requiredDuringSchedulingIgnoredDuringExecution: z.array(PodTerm).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: z.array(exactly({ weight: Weight, podAffinityTerm: PodTerm })).optional(),
})

const Affinity = exactly({
  nodeAffinity: exactly({
    requiredDuringSchedulingIgnoredDuringExecution: exactly({ nodeSelectorTerms: z.array(NodeTerm).min(1, 'must hold at least one term') }).optional(),
    preferredDuringSchedulingIgnoredDuringExecution: z.array(exactly({ weight: Weight, preference: NodeTerm })).optional(),
  }).optional(),
  podAffinity: PodAffinity.optional(),
  podAntiAffinity: PodAffinity.optional(),
})

/** Kubernetes' own object, which is passed on as it is: so what it would refuse is told here, with the place. */
export function affinityProblems({ affinity }: Workload): readonly Problem[] {
  const result = Affinity.safeParse(affinity ?? {})
  if (result.success) return []
  return result.error.issues.map((issue) => {
    const path = ['spec', 'affinity', ...issue.path.map(String)].join('.')
    return {
      path,
      message: toInvalid({ issues: [issue] })
        .message.slice(issue.path.map(String).join('.').length)
        .trim(),
    }
  })
}
