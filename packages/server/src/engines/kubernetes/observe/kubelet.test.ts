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

/** In front of a pull's words, in containerd 2. */
const RESOLVE = 'failed to pull and unpack image "r.example/x:1": failed to resolve image:'
const HEAD = 'from HEAD request to http://r.example/v2/x/manifests/1:'
const RUNC = 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process:'

// As containerd 2.4 says them, which has no ": unknown" at the end and not always an "rpc error" in front.
test.each([
  ['ErrImagePull', `rpc error: code = NotFound desc = ${RESOLVE} r.example/x:1: not found`, 'image-not-found'],
  [
    'ErrImagePull',
    `rpc error: code = NotFound desc = get image config descriptor: no match for platform in manifest sha256:9404ed: not found`,
    'image-not-found',
  ],
  ['ErrImagePull', `${RESOLVE} unexpected status ${HEAD} 401 Unauthorized`, 'image-access-denied'],
  ['ErrImagePull', `${RESOLVE} unexpected status ${HEAD} 403 Forbidden...`, 'image-access-denied'],
  [
    'ErrImagePull',
    `${RESOLVE} pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`,
    'image-access-denied',
  ],
  ['ErrImagePull', `${RESOLVE} unexpected status ${HEAD} 429 Too Many Requests`, 'image-registry-unreachable'],
  ['ErrImagePull', `${RESOLVE} unexpected status ${HEAD} 503 Service Unavailable`, 'image-registry-unreachable'],
  [
    'ErrImagePull',
    `${RESOLVE} failed to do request: Head "https://r.example/v2/x/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused`,
    'image-registry-unreachable',
  ],
  [
    'ErrImagePull',
    `${RESOLVE} failed to do request: Head "https://r.example/v2/x/manifests/1": dial tcp: lookup r.example on 10.9.9.9:53: dial udp 10.9.9.9:53: connect: network is unreachable`,
    'image-registry-unreachable',
  ],
  ['ErrImageNeverPull', 'Container image "x:1" is not present with pull policy of Never', 'image-not-found'],
  [
    'InvalidImageName',
    'Failed to apply default image tag "a//B": couldn\'t parse image name "a//B": invalid reference format: repository name (a//B) must be lowercase',
    'image-bad-name',
  ],
  ['RunContainerError', `${RUNC} exec: "/nope": stat /nope: no such file or directory`, 'command-not-found'],
  ['RunContainerError', `${RUNC} exec: "nope": executable file not found in $PATH`, 'command-not-found'],
  ['RunContainerError', `${RUNC} exec: "/etc/passwd": permission denied`, 'command-not-executable'],
  ['RunContainerError', `${RUNC} error during container init: mkdir /etc/passwd: not a directory`, 'config-refused'],
  ['RunContainerError', `${RUNC} container init was OOM-killed (memory limit too low?)`, 'oom-killed'],
] as const)('containerd 2, %s: %s', (reason, words, code) => {
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
  ['pods "x" is forbidden: status unknown for quota: q, resources: pods', 'quota-exceeded'],
  ['pods "x" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high]}]', 'quota-exceeded'],
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
