import { DavitError } from 'davit/contract'
import { expect, test } from 'vitest'
import { kubeErrorOf } from './kube-error.ts'
import { refusalOf } from './refusal.ts'

/** As a real API server (1.36) says it. */
const WORDS = [
  [403, 'pods "a" is forbidden: exceeded quota: q, requested: cpu=2, used: cpu=0, limited: cpu=1', 'quota-exceeded'],
  [403, 'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: main', 'admission-refused'],
  [403, 'pods "a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', 'admission-refused'],
  [403, 'pods "a" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi', 'admission-refused'],
  [400, 'admission webhook "v.example.com" denied the request: no', 'admission-refused'],
  [422, "pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", 'admission-refused'],
  [403, 'jobs.batch is forbidden: User "davit" cannot create resource "jobs" in API group "batch" in the namespace "n"', 'access-refused'],
  [403, 'pods "a" is forbidden: error looking up service account n/x: serviceaccount "x" not found', 'config-missing'],
  [403, 'pods "a" is forbidden: no PriorityClass with name high was found', 'config-missing'],
  [403, 'pods "a" is forbidden: pod rejected: RuntimeClass "x" not found', 'config-missing'],
  [403, 'secrets "a" is forbidden: unable to create new content in namespace n because it is being terminated', 'namespace-missing'],
  [404, 'namespaces "n" not found', 'namespace-missing'],
  [422, 'Service "a" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated', 'node-port-taken'],
  [422, 'Job.batch "a" is invalid: spec.template.spec.containers[0].image: Required value', 'config-refused'],
  [400, 'Job in version "v1" cannot be handled as a Job: quantities must match the regular expression', 'config-refused'],
  [413, 'limit is 3145728', 'config-refused'],
] as const

test.each(WORDS)('%d %s is %s', (status, message, code) => {
  expect(refusalOf(kubeErrorOf({ message }, status))).toEqual({ code, evidence: [message] })
})

test.each([
  [401, 'Unauthorized'],
  [404, 'pods "a" not found'],
  [409, 'Operation cannot be fulfilled on resourcequotas "q": the object has been modified'],
  [409, 'jobs.batch "a" already exists'],
  [410, 'too old resource version'],
  [429, 'too many requests'],
  [500, 'Internal error occurred: failed calling webhook "v": connection refused'],
  [503, 'apiserver is shutting down'],
])('%d %s is no refusal: look again later', (status, message) => {
  expect(refusalOf(kubeErrorOf({ message }, status))).toBeUndefined()
})

test('no answer is no refusal', () => {
  expect([new DavitError('unavailable', 'gone'), new Error('x'), undefined].map(refusalOf)).toEqual([undefined, undefined, undefined])
})
