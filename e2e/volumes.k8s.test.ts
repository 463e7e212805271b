import { getOrCreateProject } from 'davit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { STORAGE_CLASS } from '../testbed/kubernetes/index.ts'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { type KubeHouse, kubeHouse, ON_OWN_CLUSTER, outputOf, ready, STAYS, stopped, tellWhenFailed, textOf, verbsIn, whyNot } from './support/kube-house.ts'
import { IMAGE } from './support/test-engine.ts'

let kube: KubeHouse
beforeAll(async () => {
  kube = await kubeHouse()
})
beforeEach(() => tellWhenFailed(kube))
afterAll(() => kube?.close())

const claim = (name: string, labels = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, labels },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: STORAGE_CLASS, resources: { requests: { storage: '1Mi' } } },
})
const configMap = (name: string, data: object, labels = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data })

const on = (
  volume_type: 'persistent_volume_claim' | 'shared_volume' | 'config_map' | 'empty_dir' | 'ephemeral' | 'secret' | 'image',
  name: string,
  spec = {},
) => ({
  volume_type,
  name,
  mount_path: `/v/${name}`,
  spec,
})
const gone = (what: string): Promise<true | undefined> =>
  waitUntil(async () => ((await kube.kubectl('get', what, '--ignore-not-found', '-o', 'name')) === '' ? true : undefined), { timeout: 40_000, every: 300 })

describe('a claim that the run makes', () => {
  test('is seen by its next attempt, stays when it ends, and goes when it is deleted', async () => {
    const script = 'cat /v/data/f 2>/dev/null && exit 0; echo kept >/v/data/f; exit 3'
    const run = await kube.job(script, { backoff_limit: 2, volumes: [on('persistent_volume_claim', 'data', { size: '1Mi' })] })
    expect(await outputOf(run)).toBe('kept\n')
    expect(run.status.attempts).toMatchObject([
      { number: 1, exit_code: 3 },
      { number: 2, exit_code: 0 },
    ])
    const [found] = await kube.thingsOf(run, 'persistentvolumeclaims')
    expect(found?.spec).toMatchObject({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1048576' } } })
    await run.delete()
    expect(await gone(`persistentvolumeclaim/${found?.metadata.name}`)).toBe(true)
  })

  test('stays when the run is stopped', async () => {
    const run = await ready(await kube.deploy(STAYS, { volumes: [on('persistent_volume_claim', 'data', { size: '1Mi' })] }))
    await stopped(run)
    expect(await kube.thingsOf(run, 'persistentvolumeclaims')).toHaveLength(1)
    await run.delete()
  })
})

describe('a claim that stands already', () => {
  test('is mounted by its name, or by that of a shared volume, by one run after another, and stays', async () => {
    await kube.put(claim('common'))
    await outputOf(await kube.job('echo written >/v/own/f', { volumes: [on('persistent_volume_claim', 'own', { claim_name: 'common' })] }))
    const reader = await kube.job('cat /v/common/f', { volumes: [on('shared_volume', 'common')] })
    const other = await kube.job('cat /v/x/f', { volumes: [on('shared_volume', 'x', { claim_name: 'common' })] })
    expect(await Promise.all([reader, other].map(outputOf))).toEqual(['written\n', 'written\n'])
    await reader.delete()
    expect(await kube.kubectl('get', 'pvc', 'common', '-o', 'jsonpath={.metadata.deletionTimestamp}')).toBe('')
  })

  test('is waited for while it is not there', async () => {
    const run = await kube.job('echo mounted', { volumes: [on('persistent_volume_claim', 'later', { claim_name: 'later' })] })
    expect(await whyNot(run)).toMatchObject({ code: 'config-missing', state: 'PENDING', words: expect.stringContaining('"later" not found') })
    await kube.put(claim('later'))
    expect(await outputOf(run)).toBe('mounted\n')
  })
})

describe('files of a config map', () => {
  test('that is written into the run', async () => {
    const run = await kube.job('cat /v/conf/a.txt /v/conf/b', { volumes: [on('config_map', 'conf', { items: { 'a.txt': 'one\n', b: '$(two)\n' } })] })
    expect(await outputOf(run)).toBe('one\n$(two)\n')
  })

  test('that stands already, and one that comes late', async () => {
    await kube.put(configMap('settings', { mode: 'fast\n' }))
    expect(await outputOf(await kube.job('cat /v/s/mode', { volumes: [on('config_map', 's', { config_map_name: 'settings' })] }))).toBe('fast\n')
    const run = await kube.job('cat /v/s/mode', { volumes: [on('config_map', 's', { config_map_name: 'tardy' })] })
    expect(await whyNot(run)).toMatchObject({ code: 'config-missing', state: 'PENDING', words: expect.stringContaining('configmap "tardy" not found') })
    await stopped(run)
  })
})

describe('what another project of the namespace owns', () => {
  test('is no volume of this one', async () => {
    const labels = { 'davit.dev/project': 'neighbour' }
    await kube.put(claim('theirs', labels), configMap('theirs', { secret: 'plans' }, labels))
    const runs = [
      await kube.job('cat /v/x/*', { volumes: [on('persistent_volume_claim', 'x', { claim_name: 'theirs' })] }),
      await kube.job('cat /v/theirs/*', { volumes: [on('shared_volume', 'theirs')] }),
      await kube.job('cat /v/x/*', { volumes: [on('config_map', 'x', { config_map_name: 'theirs' })] }),
    ]
    for (const run of runs) {
      await run.wait({ timeoutMs: 30_000 })
      expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'admission-refused' } })
      expect(run.verdict?.evidence[0]).toContain('belongs to project neighbour')
      expect(await kube.thingsOf(run, 'jobs,pods')).toEqual([])
    }
  })

  test('that a run of it made is none either, and is one for its own project', async () => {
    const project = await getOrCreateProject('neighbour', { client: kube.house.client() })
    const neighbour = await verbsIn(project)
    const owner = await neighbour.job('echo theirs >/v/data/f', { volumes: [on('persistent_volume_claim', 'data', { size: '1Mi' })] })
    await outputOf(owner)
    const name = (await kube.thingsOf(owner, 'persistentvolumeclaims'))[0]?.metadata.name
    const volumes = [on('shared_volume', 'x', { claim_name: name })]
    const thief = await kube.job('cat /v/x/f', { volumes })
    await thief.wait({ timeoutMs: 30_000 })
    expect(thief.verdict).toMatchObject({ code: 'admission-refused', evidence: [expect.stringContaining('belongs to project neighbour')] })
    expect(await outputOf(await neighbour.job('cat /v/x/f', { volumes }))).toBe('theirs\n')
  })
})

describe('a secret', () => {
  const CANARY = 'canary-7f3a9c51e2'

  test('is a variable and a file inside, and stands nowhere in the cluster but in a Secret that goes with its owner', async () => {
    await kube.project.newSecret({ name: 'TOKEN', secret_value: CANARY })
    const script = 'echo "${#TOKEN} $(wc -c </v/key/TOKEN)"; trap "exit 0" TERM; while :; do sleep 0.2; done'
    const run = await ready(await kube.job(script, { secrets: ['TOKEN'], volumes: [on('secret', 'key', { secret_name: 'TOKEN' })] }))
    await waitUntil(async () => (await textOf(run)) !== '', { timeout: 20_000, every: 200 })
    expect(await textOf(run)).toBe(`${CANARY.length} ${CANARY.length}\n`)
    const all = await kube.kubectl('get', 'jobs,pods,configmaps,services,events,deployments,replicasets', '-o', 'yaml', '--show-managed-fields')
    const [secret] = await kube.thingsOf(run, 'secrets')
    const [job] = await kube.thingsOf(run, 'jobs')
    expect(all).toContain(job?.metadata.name)
    for (const text of [CANARY, Buffer.from(CANARY).toString('base64')]) expect(all).not.toContain(text)
    expect(JSON.stringify(run.entity)).not.toContain(CANARY)
    expect(kube.house.logs()).not.toContain(CANARY)
    expect(secret?.metadata.ownerReferences).toMatchObject([{ kind: 'Job', name: job?.metadata.name }])
    await kube.kubectl('delete', `job/${job?.metadata.name}`, '--wait=false')
    expect(await gone(`secret/${secret?.metadata.name}`)).toBe(true)
    await run.wait({ timeoutMs: 60_000 })
    expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'workload-removed' } })
  })
})

describe('a volume for as long as the pod lives', () => {
  test('is on disk or in memory, with a size', async () => {
    const volumes = [on('empty_dir', 'disk', { size_limit: '8Mi' }), on('empty_dir', 'ram', { medium: 'Memory', size_limit: '4Mi' })]
    const run = await kube.job('touch /v/disk/f; df -k /v/ram | tail -1 | tr -s " " | cut -d" " -f1,2', { volumes })
    expect(await outputOf(run)).toBe('tmpfs 4096\n')
    const stays = await ready(await kube.deploy(STAYS, { volumes }))
    expect((await kube.thingsOf(stays, 'pods'))[0]?.spec?.['volumes']).toEqual([
      { name: 'disk', emptyDir: { sizeLimit: '8388608' } },
      { name: 'ram', emptyDir: { medium: 'Memory', sizeLimit: '4194304' } },
    ])
    await stopped(stays)
  })

  test('ends the job that fills it beyond its size, which says that it was evicted, and whether its node still had its log', async () => {
    const volumes = [on('empty_dir', 'disk', { size_limit: '8Mi' })]
    const run = await kube.job('echo begin; dd if=/dev/zero of=/v/disk/f bs=1M count=20 2>/dev/null; sleep 120', { volumes })
    await run.wait({ timeoutMs: 90_000 })
    expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'evicted' } })
    const isLost = run.status.notes?.some(({ code }) => code === 'log-lost')
    expect(await textOf(run)).toBe(isLost ? '' : 'begin\n')
  })

  test('can be a claim that goes with the pod', async () => {
    const run = await ready(
      await kube.deploy('echo x >/v/tmp/f; cat /v/tmp/f; trap "exit 0" TERM; while :; do sleep 0.2; done', {
        volumes: [on('ephemeral', 'tmp', { size: '1Mi' })],
      }),
    )
    const [made] = await kube.thingsOf(run, 'persistentvolumeclaims')
    expect(made?.metadata.ownerReferences).toMatchObject([{ kind: 'Pod' }])
    await stopped(run)
    expect(await textOf(run)).toBe('x\n')
    expect(await gone(`persistentvolumeclaim/${made?.metadata.name}`)).toBe(true)
  })
})

// A cluster of the user's may have a runtime that mounts no images: containerd before 2.1.
describe.runIf(ON_OWN_CLUSTER)('an image as a volume', () => {
  test('is there to be read, whole or one folder of it, and cannot be written', async () => {
    const volumes = [on('image', 'whole', { image: IMAGE }), on('image', 'part', { image: IMAGE, sub_path: 'bin' })]
    const run = await kube.job('[ -x /v/whole/bin/sh ] && [ -x /v/part/sh ] && echo readable; touch /v/whole/f 2>&1; touch /v/part/f 2>&1; true', { volumes })
    const written = (path: string): string => `touch: ${path}: Read-only file system\n`
    expect(await outputOf(run)).toBe(`readable\n${written('/v/whole/f')}${written('/v/part/f')}`)
  })

  test('that is not there ends the run as an image of a container does', async () => {
    const run = await kube.job('true', { image_pull_policy: 'Never', volumes: [on('image', 'none', { image: `localhost/none:${kube.mark}` })] })
    await run.wait({ timeoutMs: 60_000 })
    expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'image-not-found' } })
    expect(run.verdict?.evidence.join('\n')).toContain(`localhost/none:${kube.mark}`)
  })
})
