import { type Project, Run } from 'davit/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { workloadOf } from '#domain/workload-of.ts'
import type { Engine } from '#domain/engine.ts'
import { memoryEngine } from '#engines/memory/engine.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { given, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const PROFILES = {
  default: { labels: { from: 'default' } },
  big: { resources: { mem: '8Gi' }, env: { SIZE: 'big' } },
}

/** An engine that takes no image called `bad`, and no label called `bad`. */
const picky: Engine['check'] = ({ image, labels }) => [
  ...(image.startsWith('bad') ? [{ path: 'spec.image', message: 'is bad' }] : []),
  ...(labels.bad === undefined ? [] : [{ path: 'spec.labels.bad', message: 'is bad too' }]),
]

const databases = databasesForTests()
let server: ServerForTests
beforeAll(async () => {
  server = await serverForTests(await databases.fresh(), {
    engine: { ...memoryEngine(), check: picky },
    policy: { profiles: PROFILES, podSecurity: 'baseline' },
  })
})

describe('a run that the engine would refuse', () => {
  test('is refused at once with all that is wrong, and nothing is recorded', async () => {
    const { P, submit } = await given(server, 'refused', { spec: { image: 'bad:1' } })
    expect(await submit({ labels: ['x', 'bad'] })).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('spec.image is bad; spec.labels.1 is bad too') },
    })
    expect(await server.send('GET', `${P}/runs`)).toMatchObject({ json: { totalElements: 0 } })
  })

  test('because of a volume that no engine understands, too', async () => {
    const { submit } = await given(server, 'volumes')
    const volumes = [{ volume_type: 'ephemeral', name: 'v', mount_path: '/v', spec: { size: '1GB' } }]
    expect(await submit({ volumes })).toMatchObject({ status: 400, json: { message: expect.stringContaining('spec.volumes.0.spec.size is not a quantity') } })
  })

  test('is taken all the same where it runs on the user’s own machine', async () => {
    const { submit } = await given(server, 'local', { spec: { image: 'bad:1' } })
    expect(await submit({ local_execution: true, profile: 'unknown' })).toMatchObject({ status: 200, json: { status: { state: 'CREATED' } } })
  })
})

describe('a profile', () => {
  test('is sealed into the run with its name', async () => {
    const { submit } = await given(server, 'profiled')
    const { spec } = Run.parse((await submit({ profile: 'big', resources: { cpu: 1 }, envs: { SIZE: 'mine' } })).json)
    expect(spec).toMatchObject({
      profile: 'big',
      resources: { mem: '8Gi', cpu: '1' },
      env: { SIZE: 'big' },
      envs: [{ name: 'SIZE', value: 'mine' }],
    })
    expect(workloadOf({ id: 'r', project: 'p', action: 'job', spec }, 1).env.at(-1)).toEqual({ name: 'SIZE', value: 'mine' })
  })

  test('called default applies by itself', async () => {
    const { submit } = await given(server, 'defaulted')
    expect((await submit({})).json).toMatchObject({ spec: { profile: 'default', labels: { from: 'default' } } })
  })

  test('is told by name to clients that choose one', async () => {
    expect((await server.send('GET', '/.well-known/configuration')).json).toMatchObject({ k8s_resource_profiles: ['default', 'big'] })
  })

  test('that does not exist is refused with those that do', async () => {
    const { submit } = await given(server, 'unknown-profile')
    expect(await submit({ profile: 'bigg' })).toMatchObject({ status: 400, json: { message: expect.stringContaining('known are: default, big') } })
  })
})

test('what a project says of its runs is sealed into them; later changes leave them alone', async () => {
  const { submit } = await given(server, 'choosy')
  const P = '/api/v1/projects/choosy'
  const spec = { cluster: 'far', pod_security: 'restricted' }
  expect(await server.send<Project>('PUT', P, { body: { name: 'choosy', kind: 'project', spec } })).toMatchObject({ status: 200, json: { spec } })
  const { json } = await submit({ pod_security: 'baseline' })
  expect(json).toMatchObject({ spec })
  expect(await server.send('PUT', P, { body: { name: 'choosy', kind: 'project', spec: { pod_security: 'none' } } })).toMatchObject({ status: 400 })
})
