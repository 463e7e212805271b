import type { ServerInfo } from 'davit'
import { describe, expect, test } from 'vitest'
import { engineSockets } from './engine-sockets.ts'
import { checkDisk, checkNode, judgeDisk } from './local-checks.ts'
import { judgeServer } from './server-checks.ts'

const INFO: ServerInfo = {
  version: '0.1.4',
  api_level: 16,
  engine: { name: 'docker', version: '20.10.24', healthy: true },
  database: { version: '18.4', embedded: true, healthy: true },
  runs: { active: 2 },
}
const results = (info: ServerInfo, client = '0.1.0') => judgeServer(info, { client, where: 'http://a' }).map(({ check, result }) => `${check} ${result}`)

describe('doctor', () => {
  test('a healthy server is ok in every line', () => {
    expect(results(INFO)).toEqual(['server ok', 'database ok', 'engine ok', 'versions ok'])
  })
  test('what does not answer fails, other versions warn, and each says what to do', () => {
    const ill = { ...INFO, engine: { ...INFO.engine, healthy: false, detail: 'ECONNREFUSED' }, database: { ...INFO.database, healthy: false } }
    expect(results(ill, '0.3.0')).toEqual(['server ok', 'database fail', 'engine fail', 'versions warn'])
    for (const line of judgeServer(ill, { client: '0.3.0', where: '' })) expect(line.result === 'ok' || line.fix !== undefined).toBe(true)
  })
  test.each([
    ['24.1.0', 'ok'],
    ['22.19.0', 'ok'],
    ['22.18.9', 'fail'],
    ['20.20.2', 'fail'],
  ])('Node %s is %s', (version, result) => expect(checkNode(version).result).toBe(result))
  test('disk: enough, little, too little, unknown', async () => {
    expect([50, 2, 0.1].map((gib) => judgeDisk('/', gib * 2 ** 30).result)).toEqual(['ok', 'warn', 'fail'])
    expect(await checkDisk('/no/such/folder')).toMatchObject({ result: 'warn' })
  })
  test('DOCKER_HOST is the only socket looked at when it is set', () => {
    expect(engineSockets({ DOCKER_HOST: 'unix:///x.sock' })).toEqual(['/x.sock'])
    expect(engineSockets({ XDG_RUNTIME_DIR: '/run/user/1' })).toContain('/run/user/1/podman/podman.sock')
  })
})
