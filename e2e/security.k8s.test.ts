import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getOrCreateProject, type RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { newFolder } from './support/house.ts'
import { type KubeHouse, kubeHouse, outputOf, ready, STAYS, stopped, tellWhenFailed, textOf, type Thing, verbsIn, whyNot } from './support/kube-house.ts'
import { IMAGE } from './support/test-engine.ts'

const PROFILES = {
  small: {
    resources: { cpu: { requests: '7m' } },
    labels: { tier: 'small' },
    node_selector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    volumes: [{ volume_type: 'empty_dir', name: 'scratch', mount_path: '/scratch' }],
    env: { GREETING: 'profile' },
  },
  tight: { pod_security: 'restricted' },
}

let open: KubeHouse
let strict: KubeHouse
let folder: string
beforeAll(async () => {
  folder = await newFolder()
  const profiles = join(folder, 'profiles.yaml')
  await writeFile(profiles, JSON.stringify(PROFILES), { mode: 0o644 })
  const opened = await Promise.allSettled([
    kubeHouse({ flags: ['--profiles', profiles, '--service-accounts', 'worker'] }),
    kubeHouse({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' }, flags: [] }),
  ])
  if (opened[0].status === 'fulfilled') open = opened[0].value
  if (opened[1].status === 'fulfilled') strict = opened[1].value
  for (const one of opened) if (one.status === 'rejected') throw one.reason
})
beforeEach(() => {
  tellWhenFailed(open)
  tellWhenFailed(strict)
})
afterAll(async () => {
  await open?.close()
  await strict?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const podOf = async (kube: KubeHouse, run: RunHandle): Promise<Thing | undefined> => (await kube.thingsOf(run, 'pods'))[0]
const WHO = 'echo "$(id -u):$(id -g):$(id -G)"'

async function refusedWith(run: RunHandle, code: string): Promise<readonly string[]> {
  await run.wait({ timeoutMs: 40_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code } })
  expect(run.status.attempts).toHaveLength(1)
  return run.verdict?.evidence ?? []
}

describe('in a namespace that enforces restricted Pod Security', () => {
  test('an ordinary run is refused before anything is made, in the words of the API server', async () => {
    const run = await strict.job('true')
    const [words] = await refusedWith(run, 'admission-refused')
    expect(words).toContain('violates PodSecurity "restricted')
    expect(words).toContain('runAsNonRoot != true')
    expect(await strict.thingsOf(run, 'jobs,pods')).toEqual([])
  })

  test('with pod_security restricted an image of root needs another user, and runs as one', async () => {
    await refusedWith(await strict.job('true', { pod_security: 'restricted' }), 'needs-root')
    expect(await outputOf(await strict.job(WHO, { pod_security: 'restricted', run_as_user: 1000 }))).toBe('1000:0:0\n')
    const served = await ready(await strict.serve({ pod_security: 'restricted', run_as_user: 1000, run_as_group: 1000, service_type: 'NodePort' }))
    expect((await served.invoke('/')).status).toBe(200)
    await stopped(served)
  })
})

describe('restricted', () => {
  test('by the project, and by a profile, holds for runs that say nothing or less', async () => {
    const client = open.house.client()
    await client.projects.create({ name: 'careful', spec: { pod_security: 'restricted' } })
    const careful = await verbsIn(await getOrCreateProject('careful', { client }))
    const runs = [await careful.job(WHO), await careful.job(WHO, { pod_security: 'baseline' }), await open.job(WHO, { profile: 'tight' })]
    for (const run of runs) await refusedWith(run, 'needs-root')
    expect(await outputOf(await careful.job(WHO, { run_as_user: 1234, run_as_group: 1234 }))).toBe('1234:1234:1234\n')
  })

  test('names the field when a run asks for root', async () => {
    await expect(open.job(WHO, { pod_security: 'restricted', run_as_user: 0 })).rejects.toMatchObject({ code: 'invalid', path: 'spec.run_as_user' })
  })
})

describe('what a container may and gets', () => {
  test('is the user and groups that were asked for, in its volumes too', async () => {
    const volumes = [{ volume_type: 'empty_dir', name: 'v', mount_path: '/v' } as const]
    const run = await open.job(`${WHO}; touch /v/f; stat -c %u:%g /v/f`, { run_as_user: 1001, run_as_group: 1002, fs_group: 1003, volumes })
    expect(await outputOf(run)).toBe('1001:1002:1002 1003\n1001:1003\n')
  })

  test('is the least that ordinary images need: no token, no new privileges, seccomp, nothing of the host', async () => {
    const script = 'test -e /var/run/secrets/kubernetes.io && echo token; grep -E "^(NoNewPrivs|Seccomp):" /proc/self/status | tr -s "\\t" " "'
    expect(await outputOf(await open.job(script))).toBe('NoNewPrivs: 1\nSeccomp: 2\n')
    const run = await ready(await open.deploy(STAYS))
    const spec = (await podOf(open, run))?.spec
    expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { seccompProfile: { type: 'RuntimeDefault' } } })
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(spec?.[field]).toBeUndefined()
    await stopped(run)
  })

  test('is a token of the service account that it names, where the operator allows it; one that does not exist is waited for', async () => {
    const run = await open.job('wc -l </var/run/secrets/kubernetes.io/serviceaccount/namespace; cat /var/run/secrets/kubernetes.io/serviceaccount/namespace', {
      service_account: 'worker',
    })
    await expect(open.job('true', { service_account: 'default' })).rejects.toMatchObject({ code: 'invalid', path: 'spec.service_account' })
    expect(await whyNot(run)).toMatchObject({ code: 'config-missing', words: expect.stringMatching(/service account .*worker.* not found/) })
    await open.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'worker' } })
    expect(await outputOf(run)).toBe(`0\n${open.namespace}`)
  })

  test('holds what a profile says and the run does not', async () => {
    const run = await ready(await open.deploy(`echo "$GREETING $OWN"; ${STAYS}`, { profile: 'small', env: { OWN: 'run' }, labels: { mine: 'yes' } }))
    const pod = await podOf(open, run)
    expect(pod?.metadata.labels).toMatchObject({ tier: 'small', mine: 'yes' })
    expect(pod?.spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      containers: [{ resources: { requests: { cpu: '7m' } }, volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }],
    })
    expect(pod?.spec?.['tolerations']).toContainEqual({ key: 'dedicated', operator: 'Exists' })
    await stopped(run)
    expect(await textOf(run)).toBe('profile run\nup\n')
    await expect(open.job('true', { profile: 'smal' })).rejects.toMatchObject({ code: 'invalid', path: 'spec.profile', hint: 'did you mean small?' })
  })

  test('carries labels and annotations of the user beside our own, on every object', async () => {
    const run = await ready(await open.serve({ labels: { team: 'a' }, annotations: { 'example.com/note': 'ä b' } }))
    const things = await open.thingsOf(run, 'deployments,pods,services')
    expect(things.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Deployment', 'Pod', 'Service']))
    for (const { metadata } of things) {
      expect(metadata.labels).toMatchObject({ team: 'a', 'app.kubernetes.io/managed-by': 'davit', 'davit.dev/project': 'suite', 'davit.dev/run': run.id })
      expect(metadata.annotations).toMatchObject({ 'example.com/note': 'ä b' })
    }
    await stopped(run)
  })

  test('names its pull secrets', async () => {
    const run = await ready(await open.deploy(STAYS, { image_pull_secrets: ['registry-a'] }))
    expect((await podOf(open, run))?.spec).toMatchObject({ imagePullSecrets: [{ name: 'registry-a' }] })
    await stopped(run)
  })
})

describe('time', () => {
  test('a job that takes longer than its deadline is ended, and its log is kept', async () => {
    const run = await open.job('echo begun; trap "exit 0" TERM; while :; do sleep 0.2; done', { active_deadline_seconds: 2 })
    await run.wait({ timeoutMs: 60_000 })
    expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'deadline-exceeded' } })
    expect(await textOf(run)).toBe('begun\n')
  })

  test('a stop waits for as long as the run was granted, then kills', async () => {
    const deaf = await ready(await open.deploy('trap "echo asked" TERM; echo up; while :; do sleep 0.2; done', { termination_grace_period_seconds: 2 }))
    const polite = await ready(
      await open.deploy('trap "sleep 3; echo done; exit 0" TERM; echo up; while :; do sleep 0.2; done', { termination_grace_period_seconds: 30 }),
    )
    await waitUntil(async () => (await Promise.all([deaf, polite].map(textOf))).every((text) => text === 'up\n'), { timeout: 20_000, every: 200 })
    await stopped(deaf, polite)
    expect([deaf.state, polite.state]).toEqual(['STOPPED', 'STOPPED'])
    expect([await textOf(deaf), await textOf(polite)]).toEqual(['up\nasked\n', 'up\ndone\n'])
  })
})

describe('what a run shows', () => {
  test('is the objects and pods of the cluster, as official clients read them', async () => {
    const [job, serve] = await Promise.all([open.job(STAYS), open.serve({ service_type: 'NodePort' })])
    await Promise.all([ready(job), ready(serve)])
    expect(job.status).toMatchObject({
      k8s: { job: { apiVersion: 'batch/v1', kind: 'Job', metadata: { namespace: open.namespace, uid: expect.any(String) }, status: { active: 1 } } },
      pods: [
        {
          name: expect.any(String),
          namespace: open.namespace,
          phase: 'Running',
          containers: [{ ready: true, restartCount: 0, state: expect.stringContaining('running since') }],
        },
      ],
    })
    const counted = async () => JSON.stringify((await serve.refresh()).status['k8s']).includes('"readyReplicas":1')
    await waitUntil(counted, { timeout: 20_000, every: 200 })
    expect(serve.status).toMatchObject({
      k8s: {
        deployment: { kind: 'Deployment', spec: { replicas: 1 }, status: { readyReplicas: 1 } },
        service: { kind: 'Service', metadata: { name: `serve-${serve.id}` } },
      },
      service: {
        name: `serve-${serve.id}`,
        type: 'NodePort',
        clusterIP: expect.stringMatching(/^\d+\./),
        url: expect.stringMatching(/^[\d.]+:\d+$/),
        ports: [{ port: 80, nodePort: expect.any(Number) }],
      },
    })
    await stopped(job, serve)
  })

  test('is an edit by hand, for as long as it stands', async () => {
    const run = await ready(await open.deploy(STAYS))
    const name = (await open.thingsOf(run, 'deployments'))[0]?.metadata.name ?? ''
    await open.kubectl('scale', 'deployment', name, '--replicas=2')
    const edited = async () => (await run.refresh()).status.notes?.find(({ code }) => code === 'edited')?.message
    expect(await waitUntil(edited, { timeout: 20_000, every: 200 })).toBe(`replicas of Deployment ${name} was changed in the cluster from 1 to 2`)
    await open.kubectl('scale', 'deployment', name, '--replicas=1')
    expect(await waitUntil(async () => (await edited()) === undefined, { timeout: 20_000, every: 200 })).toBe(true)
    await stopped(run)
  })

  test('a function and a project of long names run all the same', async () => {
    const name = `p-${'long-'.repeat(20)}`.slice(0, 49)
    const far = await verbsIn(await getOrCreateProject(name, { client: open.house.client() }))
    const fn = await open.project.newFunction({
      name: `f-${'x'.repeat(150)}`,
      kind: 'container',
      image: IMAGE,
      command: 'httpd',
      args: ['-f', '-p', '8501', '-h', '/www'],
    })
    const run = await fn.run('serve', { service_ports: [{ port: 80, target_port: 8501 }], termination_grace_period_seconds: 2 })
    expect(await outputOf(await far.job('echo far'))).toBe('far\n')
    expect((await (await ready(run)).invoke('/')).status).toBe(200)
    await stopped(run)
  })
})
