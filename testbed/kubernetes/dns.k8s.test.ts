import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { testImageName } from '../images/index.ts'
import { reuseOrOpenCluster, type TestCluster } from './index.ts'

let cluster: TestCluster
const here = `dns-${process.pid}-a`
const elsewhere = `dns-${process.pid}-b`
const within = (namespace: string, ...args: readonly string[]) => cluster.kubectl(['--namespace', namespace, ...args])

const runPod = (namespace: string, name: string, script: string) =>
  cluster.kubectl(
    ['--namespace', namespace, 'apply', '-f', '-'],
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name } },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: testImageName(), command: ['sh', '-c', script] }],
      },
    }),
  )

/** What a script in a pod says. */
const said = async (namespace: string, name: string, script: string): Promise<string> => {
  await runPod(namespace, name, script)
  await within(namespace, 'wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=60s')
  return within(namespace, 'logs', name)
}

/** The rules for a new Service come a moment after it. */
const patiently = (command: string): string => `for i in $(seq 20); do ${command} && break; sleep 0.5; done`

beforeAll(async () => {
  cluster = await reuseOrOpenCluster()
  for (const namespace of [here, elsewhere]) {
    await cluster.kubectl(['create', 'namespace', namespace])
    const account = () => within(namespace, 'get', 'serviceaccount', 'default').catch(() => undefined)
    if (!(await waitUntil(account, { timeout: 30_000, every: 100 }))) throw new Error('the new namespace has no account to run pods as')
  }
  await runPod(here, 'web', 'exec httpd -f -p 8080 -h /www')
  await within(here, 'expose', 'pod', 'web', '--port=80', '--target-port=8080')
  await within(here, 'expose', 'pod', 'web', '--name=headless', '--cluster-ip=None', '--port=8080')
  await within(here, 'wait', '--for=condition=Ready', 'pod/web', '--timeout=60s')
})
afterAll(async () => {
  for (const namespace of [here, elsewhere]) await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false'])
  await cluster.close()
})

test('a pod reaches a Service of its namespace by the short name', async () => {
  expect(await said(here, 'asks', `cat /etc/resolv.conf; ${patiently('wget -qO- http://web/')}`)).toMatch(
    new RegExp(`search ${here}\\.svc\\.cluster\\.local svc\\.cluster\\.local cluster\\.local[^]*ndots:5[^]*It runs\\.`),
  )
})

test('a pod of another namespace reaches it by name and namespace, and not by the short name', async () => {
  const text = await said(
    elsewhere,
    'asks',
    `${patiently(`wget -qO- http://web.${here}/`)}; wget -qO- http://web/ || echo nobody; wget http://web.${elsewhere}/ || echo nobody`,
  )
  expect(text).toContain('It runs.')
  expect(text.match(/^nobody$/gm)).toHaveLength(2)
})

test('a name leads to the address of the Service, a headless one to that of its pod, and no other name to any', async () => {
  const [service, pod] = [
    await within(here, 'get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'),
    await within(here, 'get', 'pod', 'web', '-o', 'jsonpath={.status.podIP}'),
  ]
  const asked = (name: string) => `nslookup ${name} 2>&1; echo "= $?"`
  const names = [`web.${here}.svc.cluster.local`, `headless.${here}.svc.cluster.local`, `none.${here}.svc.cluster.local`, 'example.invalid']
  const [web = '', headless = '', ...others] = (await said(here, 'looks', names.map(asked).join('\n'))).split(/(?<== \d+\n)/)
  expect(web).toMatch(new RegExp(`Address.*: ${service}\\s`))
  expect(headless).toMatch(new RegExp(`Address.*: ${pod}\\s`))
  for (const text of others) expect(text).toMatch(/NXDOMAIN[^]*= 1/)
  expect(others).toHaveLength(2)
})
