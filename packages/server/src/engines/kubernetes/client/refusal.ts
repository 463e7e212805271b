import type { VerdictCode } from 'davit/contract'
import type { Refusal } from '#domain/engine.ts'
import { OVER_QUOTA } from '../quota-words.ts'
import { KubeError } from './kube-error.ts'

interface Rule {
  /** HTTP statuses that it is about; undefined: any that is a no. */
  readonly status?: readonly number[]
  readonly pattern: RegExp
  /** Undefined: no refusal but trouble, which may pass. */
  readonly code: VerdictCode | undefined
}

/** What the API server says when it refuses, most telling first. */
const RULES: readonly Rule[] = [
  {
    pattern: /failed calling webhook|failed to call webhook|timeout|context deadline exceeded|etcdserver|try again/i,
    status: [400, 403, 422, 500, 504],
    code: undefined,
  },
  { pattern: /because it is being terminated|namespaces? "[^"]*" not found/i, code: 'namespace-missing' },
  { pattern: OVER_QUOTA, status: [403], code: 'quota-exceeded' },
  {
    pattern: /error looking up service account|service account .* not found|no PriorityClass with name|RuntimeClass .* not found/i,
    status: [403],
    code: 'config-missing',
  },
  {
    pattern: /violates PodSecurity|denied the request|denied request:|admission webhook|ValidatingAdmissionPolicy|does not support dry run/i,
    code: 'admission-refused',
  },
  { pattern: /\bcannot (?:\w+ )+resource\b|User "[^"]*" cannot|not permitted to|attempting to grant RBAC/i, status: [403], code: 'access-refused' },
  { pattern: /provided port is already allocated|node port .* is already/i, status: [422, 400, 409], code: 'node-port-taken' },
]

/** What a status alone says. 401, 404 of an object, 409, 410, 429 and 5xx are no refusals: renewed, read again, waited for. */
const BY_STATUS: Readonly<Record<number, VerdictCode>> = { 400: 'config-refused', 403: 'admission-refused', 413: 'config-refused', 422: 'config-refused' }

/**
 * The definitive no in a failed call, with the API server's own words. Undefined: trouble (no answer, a conflict, an overload), so
 * look again later.
 */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof KubeError)) return undefined
  const { status, message } = error
  const passing = status === 401 || status === 409 || status === 410 || status === 429 || status >= 500
  if (passing && !/provided port is already allocated/i.test(message)) return undefined
  const rule = RULES.find(({ status: statuses, pattern }) => (statuses === undefined || statuses.includes(status)) && pattern.test(message))
  const code = rule ? rule.code : BY_STATUS[status]
  return code && { code, evidence: [message] }
}
