import { Davit, getOrCreateProject, newFunction, type NewFunction, type RunInput, type RunParameters } from 'davit'
import { expect, test } from 'vitest'
import { fakeServer, json, ndjson, routes } from './fake-server.ts'
import { pageOf, SERVICE, sampleFunction, sampleProject, sampleRun, sampleTask } from './sample.ts'

const P = '/api/v1/-/project-container'
const running = sampleRun('RUNNING', { action: 'serve', service: SERVICE })
const api = routes({
  'GET /api/v1/projects/project-container': json(sampleProject('project-container')),
  'POST /api/v1/-/p/functions': json(sampleFunction()),
  [`POST ${P}/functions`]: json({ ...sampleFunction(), project: 'project-container' }),
  [`GET ${P}/tasks`]: json(pageOf([sampleTask('serve')])),
  [`POST ${P}/runs`]: json({ ...running, project: 'project-container' }),
  [`GET ${P}/runs`]: json(pageOf([running])),
  [`GET ${P}/runs/r1`]: json({ ...running, project: 'project-container' }),
  [`GET ${P}/runs/r1/watch`]: ndjson([{ ...sampleRun('COMPLETED'), project: 'project-container' }]),
  [`GET ${P}/runs/r1/logs`]: json([]),
  [`POST ${P}/runs/r1/stop`]: json({ ...running, project: 'project-container' }),
})

test('the first steps of the documentation compile and work as written', async () => {
  const server = await fakeServer(api)
  const client = new Davit({ endpoint: server.url })

  const project = await getOrCreateProject('project-container', { client })
  const a = await newFunction({ project: 'p', name: 'f', kind: 'container', image: 'hello-world:latest' }, { client })
  const b = await project.newFunction({ name: 'f', kind: 'container', image: 'x', command: 'sh', args: ['-c', 'echo hi'] })
  const run = await b.run('serve', { service_ports: [{ port: 8085, target_port: 8501 }], service_type: 'NodePort' })
  await run.wait()
  await run.refresh()
  await run.logs()
  await run.stop()
  const states: string[] = []
  for await (const r of project.runs({ state: 'RUNNING' })) states.push(r.state)

  expect([a.name, b.kind, ...states]).toEqual(['hello', 'container', 'RUNNING'])
})

test('every form of a parameter that the wire takes has a type', () => {
  const parameters = [
    { resources: { cpu: '500m', mem: '1Gi' } },
    { resources: { cpu: { requests: 0.5, limits: '1' } } },
    { resources: [{ resource_type: 'mem', requests: '1Gi' }] },
    { envs: [{ name: 'A', value: 1 }] },
    { env: { A: 'b', C: true } },
    { node_selector: { zone: 'a' }, tolerations: [{ key: 'gpu', operator: 'Exists' }], affinity: { nodeAffinity: { anything: 1 } } },
    { labels: ['word'], secrets: ['token'], replicas: 2, run_as_user: 1000, run_as_group: 1000, fs_group: 1000 },
    { volumes: [{ volume_type: 'empty_dir', name: 'v', mount_path: '/v', spec: { size_limit: '1Gi' } }] },
    { args: ['a'], command: ['sh', '-c'], image: 'x', wait: true, name: 'mine', local_execution: true },
  ] satisfies readonly RunParameters[]
  expect(parameters).toHaveLength(9)
})

test('a mistyped field is a type error, however deep it is', () => {
  // @ts-expect-error service_port is not a parameter
  const run: RunParameters = { service_port: [] }
  // @ts-expect-error target is not a field of a port
  const port: RunParameters = { service_ports: [{ port: 1, target: 2 }] }
  // @ts-expect-error imgae is not a parameter
  const fn: NewFunction = { name: 'f', imgae: 'x' }
  // @ts-expect-error replica is not a field of a run's spec
  const body: RunInput = { kind: 'container+job:run', spec: { task: 't', replica: 1 } }
  // @ts-expect-error no such pull policy
  const policy: RunParameters = { image_pull_policy: 'Sometimes' }
  expect([run, port, fn, body, policy]).toHaveLength(5)
})
