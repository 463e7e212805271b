import { expect, test } from 'vitest'
import { creationRefusal } from './creation.ts'
import { NEVER_BEGAN, POD_EVENTS, WAITING } from './kubelet.ts'

test.each([
  ['CreateContainerConfigError', 'configmap "c" not found', 'config-missing'],
  ['CreateContainerConfigError', "couldn't find key k in Secret p/s", 'config-missing'],
  ['CreateContainerConfigError', 'container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root', 'needs-root'],
  ['CreateContainerConfigError', 'services have not yet been read at least once, cannot construct envvars', undefined],
  ['CreateContainerConfigError', 'failed to sync secret cache: timed out waiting for the condition', undefined],
  ['RunContainerError', 'failed to create shim task: OCI runtime create failed: exec: "/app": permission denied: unknown', 'command-not-executable'],
  ['CreateContainerError', 'failed to reserve container name', 'start-failed'],
  ['ErrImagePull', 'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope', 'image-not-found'],
  ['ErrImagePull', 'failed to authorize: unexpected status from GET request to https://r.example/token: 401 Unauthorized', 'image-access-denied'],
  ['ErrImagePull', 'http: server gave HTTP response to HTTPS client', 'image-registry-unreachable'],
  ['ErrImagePull', 'no match for platform in manifest: not found', 'image-not-found'],
] as const)('%s: %s', (reason, words, code) => {
  expect(WAITING[reason](words)).toBe(code)
})

test.each([
  ['FailedMount', 'references non-existent secret key: k', 'config-missing'],
  ['FailedMount', 'Unable to attach or mount volumes: unmounted volumes=[d]: timed out waiting for the condition', 'volume-pending'],
  ['FailedCreatePodSandBox', 'failed to set up network for sandbox: plugin not found', 'start-failed'],
] as const)('event %s: %s', (reason, words, code) => {
  expect(POD_EVENTS[reason](words)).toBe(code)
})

test('a start that the runtime refused is told as on Docker', () => {
  expect(NEVER_BEGAN.StartError('exec: "x": stat /x: no such file or directory: unknown')).toBe('command-not-found')
})

test.each([
  ['pods "x" is forbidden: failed quota: q: must specify cpu for: main', 'admission-refused'],
  ['pods "x" is forbidden: error looking up service account p/robot: serviceaccount "robot" not found', 'config-missing'],
  ['pods "x" is forbidden: pod rejected: RuntimeClass "gvisor" not found', 'config-missing'],
  ['pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2', 'admission-refused'],
  ['namespaces "p" not found', 'namespace-missing'],
  ['etcdserver: request timed out', 'start-failed'],
  ['something new', 'start-failed'],
] as const)('the API server refuses a pod: %s', (words, code) => {
  expect(creationRefusal(words)).toEqual({ code, evidence: [expect.stringMatching(/./)] })
})

test('a refusal is told in the same words at every try, though each pod that is not made has another name', () => {
  const tried = (name: string) => creationRefusal(`Error creating: pods "${name}" is forbidden: exceeded quota: q, used: cpu=1`)
  expect(tried('job-1-abcde')).toEqual({ code: 'quota-exceeded', evidence: ['exceeded quota: q, used: cpu=1'] })
  expect(tried('job-1-xyz12')).toEqual(tried('job-1-abcde'))
})
