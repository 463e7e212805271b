import type { VerdictCode } from 'davit/contract'
import type { Refusal } from '#domain/engine.ts'
import { OVER_QUOTA } from '../quota-words.ts'

/** What an API server means that refuses to make a pod. What no row knows may pass by itself. */
export const CREATION_RULES = [
  { pattern: OVER_QUOTA, code: 'quota-exceeded' },
  { pattern: /being terminated|namespaces? "[^"]*" not found/i, code: 'namespace-missing' },
  { pattern: /(?:serviceaccount|RuntimeClass|priorityclass)[^:]* not found|no PriorityClass with name/i, code: 'config-missing' },
  { pattern: /failed calling webhook|timed? ?out|deadline exceeded|connection refused|Internal error|too many requests|try again/i, code: 'start-failed' },
  {
    pattern: /violates PodSecurity|admission webhook .* denied|is forbidden|is invalid|denied the request|ValidatingAdmissionPolicy/i,
    code: 'admission-refused',
  },
] as const satisfies readonly { pattern: RegExp; code: VerdictCode }[]

/** The name of the pod that was not made is another at every try, and says nothing. */
const telling = (words: string): string => words.replace(/^(?:Error creating: )?pods "[^"]*" is forbidden: /, '')

/** Why no pod was made, in the words of the API server. */
export const creationRefusal = (words: string): Refusal => ({
  code: CREATION_RULES.find(({ pattern }) => pattern.test(words))?.code ?? 'start-failed',
  evidence: [telling(words)],
})
