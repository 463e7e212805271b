import { describe, expect, test } from 'vitest'
import { startRefusal } from './refusal.ts'

const answered = (statusCode: number, message: string): Error =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message} `), { statusCode, json: { message } })

describe('a failed start is refused for what it says', () => {
  const said = [
    [
      400,
      'OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
      'command-not-found',
    ],
    [
      500,
      'crun: executable file `nosuch` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found',
      'command-not-found',
    ],
    [400, 'unable to start container process: exec: "/no/such": stat /no/such: no such file or directory: unknown', 'command-not-found'],
    [400, 'No command specified', 'command-not-found'],
    [400, 'unable to start container process: exec: "/etc/passwd": permission denied: unknown', 'command-not-executable'],
    [400, 'exec /app: exec format error', 'command-not-executable'],
    [500, 'driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:8085 failed: port is already allocated', 'node-port-taken'],
    [500, 'Error starting userland proxy: listen tcp4 127.0.0.1:8085: bind: address already in use', 'node-port-taken'],
    [500, 'write /var/lib/docker/x: no space left on device', 'disk-full'],
    [400, 'could not select device driver "" with capabilities: [[gpu]]', 'config-refused'],
    [400, 'unable to find user nobodyatall: no matching entries in passwd file', 'config-refused'],
    [400, 'OCI runtime create failed: chdir to cwd ("/nope") set in config.json failed: no such file or directory', 'config-refused'],
    [400, 'Minimum memory limit allowed is 6MB', 'config-refused'],
  ] as const
  for (const [status, words, code] of said)
    test(`${words.slice(-70)} → ${code}`, () => expect(startRefusal(answered(status, words))).toEqual({ code, evidence: [words] }))
})

describe('a start that may work the next time is not refused', () => {
  const said = [
    [500, 'context deadline exceeded'],
    [500, 'OCI runtime create failed: read /proc/27877/cgroup: no such process'],
    [409, 'Conflict. The container name "/x" is already in use by container "y"'],
    [404, 'No such image: app:1'],
    [404, 'network davit-x-p not found'],
    [500, 'something new'],
  ] as const
  for (const [status, words] of said) test(`${words}`, () => expect(startRefusal(answered(status, words))).toBeUndefined())
  test('no answer at all', () => expect(startRefusal(new Error('connect ECONNREFUSED'))).toBeUndefined())
})
