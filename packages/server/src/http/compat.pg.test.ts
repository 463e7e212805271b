import { api, type Run } from 'davit/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { given, inState, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
let server: ServerForTests
beforeAll(async () => {
  server = await serverForTests(await databases.fresh())
})

const namesOf = ({ content }: { content: readonly { name: string }[] }) => content.map(({ name }) => name)

describe('metrics of a run', () => {
  test('are written and read by name, a number or a series, and go with the run', async () => {
    const { P, start } = await given(server, 'measured')
    const { id } = await start('true')
    const path = `${P}/runs/${id}/metrics`
    expect(await server.call(api.metrics.all, path)).toEqual({})
    expect(await server.call(api.metrics.put, `${path}/acc`, [0.5, 0.9])).toEqual([0.5, 0.9])
    await server.call(api.metrics.put, `${path}/loss`, 0.1)
    await server.call(api.metrics.put, `${path}/loss`, 0.05)
    expect(await server.call(api.metrics.all, path)).toEqual({ acc: [0.5, 0.9], loss: 0.05 })
    expect(await server.call(api.metrics.get, `${path}/loss`)).toBe(0.05)
    const { rows } = await server.store.audit.list({ entity: id, verb: 'run.measure' }, { page: 0, size: 10 })
    expect(rows.map(({ detail }) => detail)).toEqual([{ metric: 'loss' }, { metric: 'acc' }])
    const measured = { acc: [0.5, 0.9], loss: 0.05 }
    const stale = { kind: 'container+job:run', spec: { task: 'x' }, status: { metrics: { acc: [0] } } }
    expect((await server.call(api.runs.update, `${P}/runs/${id}`, stale)).status.metrics).toEqual(measured)
    expect((await server.runOf('measured', id)).status.metrics).toEqual(measured)
    expect((await server.runs('measured')).content[0]?.status.metrics).toEqual(measured)
    await server.until('measured', id, inState('COMPLETED'))
    await server.send('DELETE', `${P}/runs/${id}`)
    await expect.poll(async () => (await server.send('GET', path)).status).toBe(404)
  })

  test('hold numbers only, under a name that is one', async () => {
    const { P, start } = await given(server, 'measured-badly')
    const path = `${P}/runs/${(await start('true')).id}/metrics`
    for (const body of ['"text"', '{}', '[1,"x"]', '']) expect((await server.send('PUT', `${path}/acc`, { body })).status, body).toBe(400)
    expect((await server.send('PUT', `${path}/${'x'.repeat(300)}`, { body: 1 })).status).toBe(400)
    expect((await server.send('GET', `${path}/none`)).json).toMatchObject({ message: expect.stringContaining('No such metric.'), type: 'No such EntityName' })
    expect((await server.send('GET', `${P}/runs/none/metrics`)).status).toBe(404)
    await server.send('PUT', `${path}/__proto__`, { body: 1 })
    expect((await server.send('GET', path)).text).toBe('{"__proto__":1}')
  })
})

describe('sharing a project', () => {
  const share = '/api/v1/projects/shared/share'
  test('is listed as a bare list, done twice is done once, and ends by id', async () => {
    await server.send('POST', '/api/v1/projects', { body: { name: 'shared' } })
    const made = await server.call(api.shares.share, `${share}?user=bob`, {})
    expect(made).toMatchObject({ project: 'shared', entity: 'PROJECT', entityId: 'shared', owner: 'anonymous', user: 'bob' })
    expect((await server.call(api.shares.share, `${share}?user=bob`, {})).id).toBe(made.id)
    expect(await server.call(api.shares.list, share)).toEqual([made])
    await server.call(api.shares.unshare, `${share}?user=bob&id=${made.id}`)
    expect(await server.call(api.shares.list, share)).toEqual([])
    expect((await server.send('DELETE', share)).status).toBe(400)
    expect((await server.send('GET', '/api/v1/projects/none/share')).status).toBe(404)
  })
})

describe('search', () => {
  const at = (query: string) => `/api/v1/-/searched/solr/search/item?${query}`
  const found = async (filters: readonly string[], q = '') =>
    (
      await server.call(
        api.search.item,
        at(new URLSearchParams([...filters.map((fq): [string, string] => ['fq', fq]), ...(q ? [['q', q] as [string, string]] : [])]).toString()),
      )
    ).content
  beforeAll(async () => {
    const { P, start } = await given(server, 'searched')
    const metadata = { description: 'Counts the sheep', labels: ['night', 'farm'] }
    for (const image of ['a:1', 'a:2']) await server.send('POST', `${P}/functions`, { body: { name: 'counter', kind: 'container', spec: { image }, metadata } })
    await server.send('POST', `${P}/secrets`, { body: { name: 'sheepdog' } })
    await start('true')
  })

  test('finds by text in names, descriptions and labels, whatever the case', async () => {
    expect((await found([], 'SHEEP')).map(({ type, name }) => `${type} ${name}`).sort()).toEqual(['function counter', 'secret sheepdog'])
    expect(await found([], 'sheep farm')).toHaveLength(1)
    expect(await found([], 'wolf')).toEqual([])
  })

  test('finds by type, kind, name, description, labels and time, as the official SDK asks', async () => {
    expect(namesOf({ content: await found(['type:(function)', 'metadata.updated:[* TO *]']) }).sort()).toEqual(['counter', 'hello'])
    expect(await found(['kind:"container+job:run"'])).toMatchObject([{ type: 'run' }])
    expect(await found(['metadata.name:"counter"', 'metadata.description:"sheep"', 'metadata.labels:(night AND farm)'])).toHaveLength(1)
    expect(await found(['metadata.labels:(night AND day)'])).toEqual([])
    expect(await found(['metadata.updated:[2999-01-01T00:00:00Z TO *]'])).toEqual([])
    expect(await found(['type:(artifact)'])).toEqual([])
  })

  test('gives the keys by which entities are read, and pages', async () => {
    const [hit] = await found(['type:function', 'metadata.name:counter'])
    expect(hit?.key).toMatch(/^store:\/\/searched\/function\/container\/counter:[0-9a-f]{32}$/)
    expect(await server.call(api.search.item, at('size=1&page=1'))).toMatchObject({ totalElements: 5, totalPages: 5, number: 1 })
    expect((await server.send('GET', at('fq=colour:red'))).json).toMatchObject({ status: 400, path: 'fq' })
    expect((await server.send('GET', '/api/v1/-/none/solr/search/item')).status).toBe(404)
  })
})

describe('what Davit does not have', () => {
  const kinds = ['artifacts', 'dataitems', 'models', 'workflows', 'triggers', 'containerimages', 'extensions']
  test.each(kinds)('%s are an empty list, and one is neither found nor made', async (collection) => {
    await server.send('POST', '/api/v1/projects', { body: { name: 'plain' } })
    const path = `/api/v1/-/plain/${collection}`
    expect(await server.call(api.foreign.list, `${path}?page=0&name=x&versions=all`)).toMatchObject({ content: [], totalPages: 0, empty: true })
    expect((await server.send('POST', path, { body: { kind: 'artifact', name: 'x' } })).json).toMatchObject({ status: 404, message: 'No such spec.' })
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await server.send(method, `${path}/x`, { body: method === 'PUT' ? {} : undefined })).json).toMatchObject({
        status: 404,
        type: 'No such EntityName',
      })
    expect((await server.send('DELETE', `${path}?name=x&cascade=true`)).status).toBe(200)
  })

  test('a function, task or run of a kind that is not known is refused as the reference does', async () => {
    const { P, ref } = await given(server, 'kinds')
    const refused = { status: 404, message: 'No such spec.' }
    expect((await server.send('POST', `${P}/functions`, { body: { kind: 'python', name: 'f', spec: {} } })).json).toMatchObject(refused)
    expect((await server.send('POST', `${P}/tasks`, { body: { kind: 'container+build', spec: { function: ref } } })).json).toMatchObject(refused)
    expect((await server.send('GET', `${P}/functions?kind=python`)).json).toMatchObject({ content: [] })
  })

  test('what is embedded in a project that is imported is refused in words at which the import goes on', async () => {
    const { P } = await given(server, 'imported')
    const embedded = { name: 'x', metadata: { embedded: true } }
    for (const [collection, kind] of [
      ['artifacts', 'artifact'],
      ['models', 'model'],
      ['workflows', 'kfp'],
      ['functions', 'python'],
    ]) {
      const { json } = await server.send('POST', `${P}/${collection}`, { body: { kind, ...embedded } })
      expect(json).toMatchObject({ status: 400, message: 'No such spec.', errorCode: 'invalid', hint: expect.stringContaining('Duplicated entity') })
      expect((await server.send('POST', `${P}/${collection}`, { body: { kind, name: 'x', metadata: {} } })).status).toBe(404)
    }
  })

  test('a path that is no collection is a path that is not there', async () => {
    expect((await server.send('GET', '/api/v1/-/plain/nonsense')).json).toMatchObject({ status: 404, message: expect.stringContaining('No such path') })
    expect((await server.send('GET', '/api/v1/-/none/artifacts')).status).toBe(404)
  })
})

describe('what the console and dhcli read beside', () => {
  test('relationships of an entity are those that it was described with, as a bare list', async () => {
    const { P, functionId, taskId, start } = await given(server, 'related')
    const { id } = await start('true')
    const relationships = [{ type: 'run_of', dest: `store://related/function/container/hello:${functionId}` }]
    const run = await server.runOf('related', id)
    await server.send('PUT', `${P}/runs/${id}`, { body: { ...run, metadata: { ...run.metadata, relationships } } })
    await server.send('PUT', '/api/v1/projects/related', { body: { name: 'related', metadata: { relationships } } })
    const secret = (await server.send<{ id: string }>('POST', `${P}/secrets`, { body: { name: 'key' } })).json
    expect(await server.call(api.related.ofRun, `${P}/runs/${id}/relationships`)).toEqual(relationships)
    expect(await server.call(api.related.ofProject, '/api/v1/projects/related/relationships')).toEqual(relationships)
    for (const path of [`functions/${functionId}`, `tasks/${taskId}`, `secrets/${secret.id}`])
      expect((await server.send('GET', `${P}/${path}/relationships`)).json, path).toEqual([])
    for (const path of ['functions/none', 'runs/none']) expect((await server.send('GET', `${P}/${path}/relationships`)).status, path).toBe(404)
    expect((await server.call(api.related.tasks, `${P}/functions/${functionId}/tasks`)).map((task) => task.id)).toEqual([taskId])
    expect((await server.call(api.related.runs, `${P}/tasks/${taskId}/runs`)).map((one) => one.id)).toEqual([id])
  })

  test('use of the cluster is not measured, and the answer says nothing rather than that there is no such thing', async () => {
    const { P, start } = await given(server, 'unmeasured')
    const { id } = await start('true')
    for (const [path, name] of [
      ['/api/v1/metrics/k8s', 'server'],
      ['/api/v1/users/me/metrics/k8s', 'anonymous'],
      ['/api/v1/projects/unmeasured/metrics/k8s', 'unmeasured'],
      [`${P}/runs/${id}/metrics/k8s`, 'run'],
    ])
      expect((await server.send('GET', path ?? '')).json).toEqual({ name, usage: {} })
    for (const path of ['/api/v1/resource_metrics', '/api/v1/projects/unmeasured/resource_metrics', `${P}/runs/${id}/resource_metrics`])
      expect((await server.send('GET', path)).json, path).toEqual({ metrics: [] })
    for (const path of ['/api/v1/projects/none/metrics/k8s', `${P}/runs/none/metrics/k8s`, `${P}/runs/none/resource_metrics`])
      expect((await server.send('GET', path)).status, path).toBe(404)
  })

  test('a run that measured something called k8s is told that', async () => {
    const { P, start } = await given(server, 'measured-k8s')
    const path = `${P}/runs/${(await start('true')).id}/metrics`
    await server.call(api.metrics.put, `${path}/k8s`, [1, 2])
    expect((await server.send('GET', `${path}/k8s`)).json).toEqual([1, 2])
    expect(await server.call(api.metrics.all, path)).toEqual({ k8s: [1, 2] })
  })
})

describe('schemas and templates', () => {
  test('every kind of an entity has a JSON Schema; a page below 0 counts as the first', async () => {
    const page = await server.call(api.schemas.list, '/api/v1/schemas/run?sort=id,ASC&page=-1&size=100&runtime=container')
    expect(page.content.map(({ id }) => id)).toEqual(['run:container+job:run', 'run:container+deploy:run', 'run:container+serve:run'])
    expect(page.content[0]?.schema).toMatchObject({ type: 'object', properties: { task: { type: 'string' } }, required: ['task'] })
    expect(await server.call(api.schemas.get, '/api/v1/schemas/functions/container')).toMatchObject({ id: 'function:container', runtime: 'container' })
    expect((await server.send('GET', '/api/v1/schemas/function/python')).json).toMatchObject({ status: 404, message: 'No such spec.' })
    expect(await server.call(api.schemas.list, '/api/v1/schemas/workflow')).toMatchObject({ content: [] })
  })

  test('there are no templates', async () => {
    expect(await server.call(api.schemas.templates, '/api/v1/templates?type=function&page=0&size=10')).toMatchObject({ content: [] })
  })
})

describe('without a project in the path', () => {
  test('lists run through all projects, or the one that is asked for', async () => {
    for (const project of ['one', 'two']) {
      const { start } = await given(server, project)
      await start('true')
      await server.send('POST', `/api/v1/-/${project}/secrets`, { body: { name: 'key' } })
    }
    const projectsOf = ({ content }: { content: readonly { project: string }[] }) =>
      [...new Set(content.map(({ project }) => project))].filter((name) => name === 'one' || name === 'two').sort()
    expect(projectsOf(await server.call(api.everywhere.functions, '/api/v1/functions?size=1000'))).toEqual(['one', 'two'])
    expect(projectsOf(await server.call(api.everywhere.tasks, '/api/v1/tasks?size=1000'))).toEqual(['one', 'two'])
    expect(projectsOf(await server.call(api.everywhere.runs, '/api/v1/runs?size=1000'))).toEqual(['one', 'two'])
    expect(projectsOf(await server.call(api.everywhere.secrets, '/api/v1/secrets?size=1000&name=key'))).toEqual(['one', 'two'])
    expect(projectsOf(await server.call(api.everywhere.functions, '/api/v1/functions?project=two&name=hello'))).toEqual(['two'])
  })

  test('lists take the filters that those of one project take', async () => {
    const { P, ref, taskRef, start } = await given(server, 'filtered-everywhere')
    const metadata = { labels: ['red', 'round'] }
    await server.send('POST', `${P}/functions`, { body: { name: 'labelled', kind: 'container', spec: { image: 'app:1' }, metadata } })
    await start('true')
    const total = async (list: string, query: string) =>
      (await server.send<{ totalElements: number }>('GET', `/api/v1/${list}?project=filtered-everywhere&${query}`)).json.totalElements
    for (const query of ['labels=red', 'labels=red&labels=round', 'labels=red,round', 'q=label', 'name=labelled'])
      expect(await total('functions', query)).toBe(1)
    for (const query of ['labels=blue', 'labels=red&labels=blue']) expect(await total('functions', query)).toBe(0)
    for (const query of [`function=${ref}`, 'kind=container+job']) expect(await total('tasks', query)).toBe(1)
    for (const query of [`function=${ref}`, `task=${taskRef}`, 'action=job', 'q=hello']) expect(await total('runs', query)).toBe(1)
    for (const list of ['tasks', 'runs']) expect(await total(list, 'workflow=wf://x/y:z')).toBe(0)
    for (const list of ['functions', 'tasks', 'runs', 'secrets']) expect(await total(list, 'labels=&workflow=&q=&versions=all'), list).toBeGreaterThanOrEqual(0)
  })

  test('an entity is made in the project that its body names, and found, changed and deleted by its id', async () => {
    await server.send('POST', '/api/v1/projects', { body: { name: 'admin' } })
    const fn = await server.call(api.everywhere.createFunction, '/api/v1/functions', {
      project: 'admin',
      name: 'f',
      kind: 'container',
      spec: { image: 'app:1' },
    })
    const ref = `container://admin/f:${fn.id}`
    const task = await server.call(api.everywhere.createTask, '/api/v1/tasks', { project: 'admin', kind: 'container+job', spec: { function: ref } })
    const run = await server.call(api.everywhere.createRun, '/api/v1/runs', {
      project: 'admin',
      kind: 'container+job:run',
      spec: { task: `container+job://admin/${task.id}` },
    })
    const secret = await server.call(api.everywhere.createSecret, '/api/v1/secrets', { project: 'admin', name: 's' })
    expect((await server.call(api.everywhere.getRun, `/api/v1/runs/${run.id}`)).project).toBe('admin')
    await server.until('admin', run.id, inState('COMPLETED'))
    expect(await server.call(api.everywhere.logs, `/api/v1/logs?run=${run.id}`)).toMatchObject({ totalElements: 1 })
    const described = { project: 'admin', name: 's', metadata: { description: 'new' } }
    expect(await server.call(api.everywhere.updateSecret, `/api/v1/secrets/${secret.id}`, described)).toMatchObject({ metadata: { description: 'new' } })
    for (const path of [`secrets/${secret.id}`, `runs/${run.id}`, `tasks/${task.id}`, `functions/${fn.id}`])
      expect((await server.send('DELETE', `/api/v1/${path}`)).status, path).toBe(200)
    expect((await server.send('GET', `/api/v1/functions/${fn.id}`)).json).toMatchObject({ status: 404, message: expect.stringContaining('No such function.') })
    expect((await server.send('POST', '/api/v1/functions', { body: { name: 'f', kind: 'container' } })).json).toMatchObject({ status: 400, path: 'project' })
  })
})

describe('list filters of official clients', () => {
  test('action is a part of the task kind, as dhcli sends it too; a workflow has nothing', async () => {
    const { P, start } = await given(server, 'filters')
    const { id } = await start('true')
    const listed = async (query: string) => (await server.call(api.runs.list, `${P}/runs?${query}`)).totalElements
    for (const query of ['action=job', 'action=container%2Bjob', 'action=container+job', `id=${id},other`]) expect(await listed(query), query).toBe(1)
    for (const query of ['action=serve', 'action=filters', 'workflow=wf://filters/w', 'id=other']) expect(await listed(query), query).toBe(0)
    expect((await server.call(api.tasks.list, `${P}/tasks?workflow=x`)).totalElements).toBe(0)
  })
})

describe('a run', () => {
  test('cannot be given a state by its client, neither when made nor later', async () => {
    const { P, submit, start } = await given(server, 'forged')
    const forged = { state: 'COMPLETED', verdict: { code: 'x' }, transitions: [], metrics: { acc: [1] }, mine: 1 }
    const made = (await submit({ args: ['sh', '-c', 'sleep 60'] }, { status: forged })).json
    expect(made.status.state).toBe('READY')
    const { id } = await start('sleep 60')
    const run = await server.until('forged', id, inState('RUNNING'))
    const put = await server.call(api.runs.update, `${P}/runs/${id}`, { ...run, status: forged })
    expect(put.status).toMatchObject({ state: 'RUNNING', mine: 1 })
    expect(put.status.metrics).toBeUndefined()
    expect(put.status.transitions?.length).toBeGreaterThan(2)
    expect(put.status.verdict).toBeUndefined()
  })

  test('that was stopped is resumed as its next attempt, at once, and twice is once', async () => {
    const { P, start } = await given(server, 'resumed', { action: 'deploy' })
    const { id } = await start('sleep 600')
    await server.until('resumed', id, inState('RUNNING'))
    const act = (action: string) => server.send<Run>('POST', `${P}/runs/${id}/${action}`, { body: {} })
    expect((await act('resume')).json).toMatchObject({ status: 400, message: expect.stringContaining('Invalid transition from state RUNNING') })
    await act('stop')
    await server.until('resumed', id, inState('STOPPED'))
    expect((await act('resume')).json.status).toMatchObject({ state: 'READY', phase: 'queued' })
    const again = await server.until('resumed', id, inState('RUNNING'))
    expect(again.status.attempts?.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'stopped'],
      [2, undefined],
    ])
    expect(again.status.verdict).toBeUndefined()
    await act('stop')
    const stopped = await server.until('resumed', id, inState('STOPPED'))
    expect(stopped.status.transitions?.map(({ status }) => status).filter((state) => state === 'STOPPED')).toHaveLength(2)
  })

  test('a job that was stopped runs again from its beginning', async () => {
    const { P, start } = await given(server, 'resumed-job')
    const { id } = await start('echo begun; sleep 2')
    await server.until('resumed-job', id, inState('RUNNING'))
    await server.send('POST', `${P}/runs/${id}/stop`)
    await server.until('resumed-job', id, inState('STOPPED'))
    await server.send('POST', `${P}/runs/${id}/resume`)
    const done = await server.until('resumed-job', id, inState('COMPLETED'))
    expect(done.status.attempts).toHaveLength(2)
    const logs = await server.call(api.runs.logs, `${P}/runs/${id}/logs`)
    const newestFirst = (done.status.attempts ?? []).map(({ number }) => number).reverse()
    expect(logs.map(({ id: name }) => Number(/-(\d+)(?:-\d+)?$/.exec(name)?.[1]))).toEqual(newestFirst)
    const listed = async (sort: string) => (await server.call(api.logs.list, `${P}/logs?run=${id}${sort}`)).content.map(({ id: name }) => name)
    const names = logs.map(({ id: name }) => name)
    for (const sort of ['', '&sort=created,DESC', '&sort=updated,desc', '&sort=metadata.created,DESC']) expect(await listed(sort), sort).toEqual(names)
    expect(await listed('&sort=created,ASC')).toEqual(names.toReversed())
    expect(await listed('&sort=id,ASC')).toEqual(names.toSorted())
    expect((await server.send('GET', `${P}/logs?run=${id}&sort=colour,ASC`)).json).toMatchObject({ status: 400, path: 'sort' })
  })
})

describe('secrets', () => {
  test('go with their project: one of the same name knows nothing of them', async () => {
    const P = '/api/v1/-/reborn'
    const make = async () => {
      await server.send('POST', '/api/v1/projects', { body: { name: 'reborn' } })
      return server.send('POST', `${P}/secrets`, { body: { name: 'key' } })
    }
    await make()
    await server.send('PUT', `${P}/secrets/data`, { body: { key: 'value-1' } })
    expect((await server.send('GET', `${P}/secrets/data?keys=key`)).json).toEqual({ key: 'value-1' })
    expect((await server.send('DELETE', '/api/v1/projects/reborn?cascade=true')).status).toBe(200)
    await server.send('POST', '/api/v1/projects', { body: { name: 'reborn' } })
    expect(await server.call(api.secrets.list, `${P}/secrets`)).toMatchObject({ totalElements: 0 })
    await make()
    expect((await server.send('GET', `${P}/secrets/data?keys=key`)).json).toEqual({})
  })

  test('are described anew by PUT, and keep name and value', async () => {
    const P = '/api/v1/-/reborn'
    await server.send('POST', '/api/v1/projects', { body: { name: 'reborn' } })
    const secret = (await server.send<{ id: string }>('POST', `${P}/secrets`, { body: { name: 'other' } })).json
    await server.send('PUT', `${P}/secrets/data`, { body: { other: 'kept' } })
    const put = await server.call(api.secrets.update, `${P}/secrets/${secret.id}`, { name: 'other', metadata: { labels: ['x'] } })
    expect(put.metadata.labels).toEqual(['x'])
    expect(JSON.stringify(put)).not.toContain('kept')
    expect((await server.send('GET', `${P}/secrets/data?keys=other`)).json).toEqual({ other: 'kept' })
    expect((await server.send('PUT', `${P}/secrets/${secret.id}`, { body: { name: 'renamed' } })).json).toMatchObject({ status: 400, path: 'name' })
  })
})

test('bodies may be YAML', async () => {
  const headers = { 'content-type': 'application/x-yaml' }
  await server.send('POST', '/api/v1/projects', { body: 'name: yaml\n', headers })
  const made = await server.send('POST', '/api/v1/-/yaml/functions', { body: 'name: f\nkind: container\nspec:\n  image: app:1\n', headers })
  expect(made.json).toMatchObject({ name: 'f', spec: { image: 'app:1' } })
})
