import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { isOwn } from '../testbed/kubernetes/index.ts'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { expectForgotten, expectNone, expectSilence, hideCanary, running } from './support/canary.ts'
import { kubePlace } from './support/kube-house.ts'

let place: Awaited<ReturnType<typeof kubePlace>>
beforeAll(async () => {
  place = await kubePlace()
})
afterAll(() => place?.close())

interface Secrets {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly data?: Readonly<Record<string, string>> }[]
}
const secretsOf = async (run: string): Promise<Secrets['items']> => {
  const { items }: Secrets = JSON.parse(await place.kubectl('get', 'secrets', '-l', `davit.dev/run=${run}`, '-o', 'json'))
  return items
}

/** Every object in the namespace but Secrets, as an administrator sees it, and what kubectl makes of it for people. */
async function everything(): Promise<string> {
  const resources = (await place.kubectl('api-resources', '--namespaced', '--verbs=list', '-o', 'name'))
    .split('\n')
    .filter((name) => name !== '' && name !== 'secrets')
  const manifests = await place.kubectl('get', resources.join(','), '-o', 'yaml', '--show-managed-fields', '--ignore-not-found')
  return `${manifests}\n${await place.kubectl('describe', 'jobs,pods,deployments,events')}`
}

test('a secret is in the container that asked for it and in a Secret of its own, and nowhere else in the cluster or the server', async () => {
  const canary = await hideCanary({ engine: { kubeconfig: place.kubeconfig }, flags: ['--namespace', place.namespace] })
  onTestFailed(async () => void process.stderr.write(await place.kubectl('get', 'jobs,deployments,pods,events').catch(String)))
  const { project, value, secrets } = canary
  const asked = await running(project, { secrets: ['token'] })
  const other = await running(project, {})
  const fn = await project.getFunction('shell')
  const stays = await (await fn.run('deploy', { secrets: ['token'], args: ['-c', 'echo "$token" | wc -c; sleep 600'] })).wait({
    until: 'ready',
    timeoutMs: 60_000,
  })
  const failed = await fn.run('job', { secrets: ['token'], args: ['-c', 'exit 3'] })
  await failed.wait({ timeoutMs: 60_000 })
  expect(failed.status.verdict).toMatchObject({ code: 'exit-nonzero', exit_code: 3 })

  for (const run of [asked, stays])
    expect((await secretsOf(run.id)).map(({ data }) => Object.values(data ?? {}))).toEqual([[Buffer.from(value).toString('base64')]])
  expect(await secretsOf(other.id)).toEqual([])
  const kept = await place.kubectl('get', 'secrets', '-o', 'yaml')
  expect(() => expectNone('its Secret', kept, secrets)).toThrow('its Secret') // the search finds it where it is
  expect(await waitUntil(async () => (await stays.logs())[0]?.text, { timeout: 20_000, every: 200 })).toBe(`${value.length + 1}\n`)
  const all = await everything()
  for (const kind of ['Job', 'Deployment', 'ReplicaSet', 'Pod', 'Event']) expect(all).toContain(`kind: ${kind}\n`)
  expect(all).toContain(asked.id)
  expectNone('objects of the cluster', all, secrets)
  for (const run of [asked, stays, failed]) {
    await run.refresh()
    expectNone('what a run says', JSON.stringify(run.entity), secrets)
    await expectSilence(canary, run.id)
  }
  if (isOwn(place.cluster)) expectNone("the API server's audit log", readFileSync(place.cluster.auditLog, 'utf8'), secrets)

  for (const run of [asked, other, stays]) await run.stop()
  for (const run of [asked, other, stays]) await run.wait({ timeoutMs: 60_000 })
  await expectForgotten(canary)
  expect(await secretsOf(asked.id)).toEqual([])
  expectNone('objects of the cluster, afterwards', await everything(), secrets)
})
