import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ask } from '../packages/server/src/store/testing/database-for-tests.ts'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { type KubeHouse, kubeHouse, ready, STAYS, tellWhenFailed } from './support/kube-house.ts'
import { type OwnDatabase, startOwnDatabase } from './support/own-database.ts'

let database: OwnDatabase
let kube: KubeHouse
beforeAll(async () => {
  database = await startOwnDatabase()
  kube = await kubeHouse({ flags: database.flags })
})
beforeEach(() => tellWhenFailed(kube))
afterAll(async () => {
  await kube?.close()
  await database?.close()
})

const KINDS = 'jobs,deployments,pods,secrets,configmaps,services,persistentvolumeclaims'

test('what a run left that is in no database any more goes, with its secret and its volume; what others made stays', async () => {
  await kube.project.newSecret({ name: 'TOKEN', secret_value: 'x' })
  const volume = { volume_type: 'persistent_volume_claim', name: 'data', mount_path: '/data', spec: { size: '1Mi' } } as const
  const options = { secrets: ['TOKEN'], volumes: [volume] }
  const [lost, kept] = await Promise.all([kube.job(STAYS, options), kube.job(STAYS)])
  await Promise.all([ready(lost), ready(kept)])
  const labels = { 'app.kubernetes.io/managed-by': 'davit', 'davit.dev/run': lost.id, 'davit.dev/workload': 'other' }
  await kube.put(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'nobodys', labels: { app: 'x' } } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'theirs', labels: { ...labels, 'davit.dev/run': 'r', 'davit.dev/installation': 'another' } } },
  )
  expect((await kube.thingsOf(lost, KINDS)).map(({ kind }) => kind).sort()).toEqual(['Job', 'PersistentVolumeClaim', 'Pod', 'Secret'])
  await kube.house.server.end('SIGKILL')
  await ask(database.connection, `delete from run where id = '${lost.id}'`)
  await kube.house.start()
  await waitUntil(async () => (await kube.thingsOf(lost, KINDS)).length === 0, { timeout: 60_000, every: 300 })
  expect(await kube.thingsOf(lost, KINDS)).toEqual([])
  expect((await kube.thingsOf(kept, 'jobs,pods')).map(({ kind }) => kind)).toEqual(['Job', 'Pod'])
  expect(await kube.kubectl('get', 'configmap/nobodys', 'secret/theirs', '-o', 'name')).toBe('configmap/nobodys\nsecret/theirs\n')
})

/** Does not end before it is killed. */
const DEAF = 'trap "" TERM; echo up; while :; do sleep 0.2; done'

test('a deploy that is stopped while its pod is taken away leaves no secret behind', async () => {
  const run = await ready(await kube.deploy(DEAF, { secrets: ['TOKEN'], termination_grace_period_seconds: 20 }))
  expect((await kube.thingsOf(run, 'secrets')).length).toBe(1)
  await run.stop()
  await waitUntil(async () => (await kube.thingsOf(run, 'deployments')).length === 0, { timeout: 20_000, every: 100 })
  await kube.kubectl('delete', 'pods', '-l', `davit.dev/run=${run.id}`, '--grace-period=0', '--force')
  await run.wait({ timeoutMs: 60_000 })
  expect(run.state).toBe('STOPPED')
  await waitUntil(async () => (await kube.thingsOf(run, KINDS)).length === 0, { timeout: 40_000, every: 300 })
  expect(await kube.thingsOf(run, KINDS)).toEqual([])
})
