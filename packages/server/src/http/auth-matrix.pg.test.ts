import { api, type Endpoint, outerApi, type OuterEndpoint, PROJECT_VERBS, SERVER_VERBS, type Verb } from 'davit/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { csrfOf } from './auth-base.ts'
import { type TestProvider, testProvider } from './testing/identity-provider.ts'
import { authFor, basic, bearer, people } from './testing/people.ts'
import { mayDo, type Rights } from './testing/rights.ts'
import { given, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'
import { INNER_VERB_OF, VERB_OF } from './testing/verbs-of-endpoints.ts'

const MINE = 'mine'
const OTHER = 'other'
const NOWHERE = 'nowhere'

let made = 0
/** Bodies that pass validation, so that only the role decides. What they name does not exist, where it can be helped. */
const BODY_OF: Readonly<Record<string, (project: string) => unknown>> = {
  'projects.create': () => ({ name: `made-${++made}` }),
  'projects.update': (name) => ({ name }),
  'functions.create': () => ({ name: 'f', kind: 'container', spec: { image: 'app:1' } }),
  'functions.update': () => ({ name: 'f', kind: 'container', spec: {} }),
  'tasks.create': (project) => ({ kind: 'container+job', spec: { function: `container://${project}/f:1` } }),
  'tasks.update': (project) => ({ kind: 'container+job', spec: { function: `container://${project}/f:1` } }),
  'runs.create': (project) => ({ kind: 'container+job:run', spec: { task: `container+job://${project}/1` } }),
  'runs.update': (project) => ({ kind: 'container+job:run', spec: { task: `container+job://${project}/1` } }),
  'runs.act': () => ({}),
  'secrets.create': () => ({ name: `secret-${++made}` }),
  'secrets.writeData': () => ({ ghost: 'x' }),
  'users.create': () => ({ name: `user-${++made}` }),
  'users.update': () => ({ admin: false }),
  'users.setPassword': () => ({ password: 'long enough to be one' }),
  'tokens.create': () => ({ name: 'one more' }),
  'members.put': () => ({ role: 'viewer' }),
  'secrets.update': () => ({ name: 'ghost' }),
  'metrics.put': () => 1,
  'foreign.create': () => ({}),
  'foreign.update': () => ({}),
  'everywhere.createFunction': (project) => ({ project, name: 'f', kind: 'container', spec: { image: 'app:1' } }),
  'everywhere.updateFunction': () => ({ name: 'f', kind: 'container', spec: {} }),
  'everywhere.createTask': (project) => ({ project, kind: 'container+job', spec: { function: `container://${project}/f:1` } }),
  'everywhere.updateTask': () => ({ kind: 'container+job', spec: { function: 'container://mine/f:1' } }),
  'everywhere.createRun': (project) => ({ project, kind: 'container+job:run', spec: { task: `container+job://${project}/1` } }),
  'everywhere.updateRun': () => ({ kind: 'container+job:run', spec: { task: 'container+job://mine/1' } }),
  'everywhere.createSecret': (project) => ({ project, name: `secret-${++made}` }),
  'everywhere.updateSecret': () => ({ name: 'ghost' }),
}
const QUERY_OF: Readonly<Record<string, string>> = {
  'functions.deleteByName': '?name=ghost',
  'secrets.readData': '?keys=ghost',
  'shares.share': '?user=ghost',
  'shares.unshare': '?user=ghost',
  'everywhere.logs': '?run=ghost',
}

const groups: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = api
const endpoints = Object.entries(groups).flatMap(([group, rows]) =>
  Object.entries(rows).map(([name, endpoint]) => ({ id: `${group}.${name}`, group, endpoint })),
)

interface Actor extends Rights {
  readonly headers: Record<string, string>
}

const PASSWORD = 'correct horse battery'
const NAMES = [
  'nobody',
  'an unknown token',
  'an expired token',
  'a revoked token',
  'a viewer',
  'an editor',
  'an owner',
  'an administrator',
  'an owner of another project',
  'an editor by password',
  'an editor with a token as password',
  'an editor with an access token',
  "an editor's browser",
  'a service account that edits',
  'an editor by the word of the identity provider',
  'somebody of whom the identity provider says nothing',
  "an owner's token for reading",
  "an owner's token for another project",
  "an access token for an owner's token for reading",
  "an administrator's token for another project",
  "an administrator's token for runs here",
] as const
type Name = (typeof NAMES)[number]

const databases = databasesForTests()
let provider: TestProvider
let server: ServerForTests
let actors: Readonly<Record<Name, () => Promise<Actor>>>

const NOBODY: Actor = { headers: {}, role: undefined }
const READING = ['*.read', '*.list']
const editor = { role: 'user', roles: { [MINE]: 'editor' } } as const
const owner = { role: 'user', roles: { [MINE]: 'owner' } } as const

/** The access token that a personal one is changed for. */
async function accessFor(personal: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    client_id: 'davit',
    subject_token: personal,
    subject_token_type: 'urn:ietf:params:oauth:token-type:pat',
  })
  const { json } = await server.send<{ access_token: string }>('POST', '/auth/token', {
    body: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  return json.access_token
}

async function browserOf(account: string): Promise<Record<string, string>> {
  const secret = await server.auth.logins.openBrowser({ account, address: '127.0.0.1' })
  return { cookie: `davit_session=${secret}`, 'x-davit-csrf': csrfOf(secret) }
}

const machine = async (sub: string, roles: readonly string[]): Promise<Record<string, string>> =>
  bearer(await provider.token({ sub, preferred_username: sub, roles: [...roles] }))

beforeAll(async () => {
  const database = await databases.fresh()
  // Filled by a server that asks nobody; then the same database is served with authentication.
  const filling = await serverForTests(database)
  await given(filling, MINE)
  await given(filling, OTHER)
  await filling.close()
  provider = await testProvider()
  const settings = { issuer: provider.issuer, clientId: 'davit', clientSecret: undefined, audience: 'davit' }
  const claims = { nameClaim: 'preferred_username', rolesClaim: 'roles', adminRole: 'davit-admin' }
  server = await serverForTests(databases.again(database), { auth: authFor({ provider: { ...settings, ...claims } }) })
  const { person, token } = people(server)
  await person('victor', { roles: { [MINE]: 'viewer' } })
  await person('edda', { roles: { [MINE]: 'editor' }, password: PASSWORD })
  await person('otto', { roles: { [MINE]: 'owner' } })
  await person('anna', { admin: true })
  await person('oskar', { roles: { [OTHER]: 'owner' } })
  await server.store.users.insert({ name: 'robot', kind: 'service', admin: false })
  await server.store.members.put({ project: MINE, user: 'robot', role: 'editor', by: 'test' })
  const gone = await token('anna')
  await server.store.tokens.delete('anna', gone.id)
  // Each call gets a token of its own: one of the endpoints ends the login that it is called with.
  const secretOf = async (name: string, said: Parameters<typeof token>[1] = {}) => (await token(name, said)).token
  const by = async (...said: Parameters<typeof secretOf>) => bearer(await secretOf(...said))
  actors = {
    nobody: async () => NOBODY,
    'an unknown token': async () => ({ ...NOBODY, headers: bearer('dvt_unknown') }),
    'an expired token': async () => ({ ...NOBODY, headers: await by('anna', { expires: new Date(Date.now() - 1000) }) }),
    'a revoked token': async () => ({ ...NOBODY, headers: bearer(gone.token) }),
    'a viewer': async () => ({ headers: await by('victor'), role: 'user', roles: { [MINE]: 'viewer' } }),
    'an editor': async () => ({ headers: await by('edda'), ...editor }),
    'an owner': async () => ({ headers: await by('otto'), ...owner }),
    'an administrator': async () => ({ headers: await by('anna'), role: 'admin' }),
    'an owner of another project': async () => ({ headers: await by('oskar'), role: 'user', roles: { [OTHER]: 'owner' } }),
    'an editor by password': async () => ({ headers: basic('edda', PASSWORD), ...editor }),
    'an editor with a token as password': async () => ({ headers: basic('edda', await secretOf('edda')), ...editor }),
    'an editor with an access token': async () => ({ headers: bearer(await accessFor(await secretOf('edda'))), ...editor }),
    "an editor's browser": async () => ({ headers: await browserOf('edda'), ...editor }),
    'a service account that edits': async () => ({ headers: await by('robot'), ...editor }),
    'an editor by the word of the identity provider': async () => ({ headers: await machine('paula', [`${MINE}:editor`]), ...editor }),
    'somebody of whom the identity provider says nothing': async () => ({ headers: await machine('paul', []), role: 'user' }),
    "an owner's token for reading": async () => ({ headers: await by('otto', { verbs: READING }), ...owner, verbs: READING }),
    "an owner's token for another project": async () => ({ headers: await by('otto', { projects: [OTHER] }), ...owner, projects: [OTHER] }),
    "an access token for an owner's token for reading": async () => ({
      headers: bearer(await accessFor(await secretOf('otto', { verbs: READING }))),
      ...owner,
      verbs: READING,
    }),
    "an administrator's token for another project": async () => ({ headers: await by('anna', { projects: [OTHER] }), role: 'admin', projects: [OTHER] }),
    "an administrator's token for runs here": async () => ({
      headers: await by('anna', { projects: [MINE], verbs: ['run.*'] }),
      role: 'admin',
      projects: [MINE],
      verbs: ['run.*'],
    }),
  }
})
afterAll(() => provider?.close())

/** Something of everything in a project, made for one request. */
async function freshIds(project: string) {
  const { headers } = await actors['an administrator']()
  const make = async (path: string, body: object): Promise<string> => {
    const { status, json, text } = await server.send<{ id: string }>('POST', `/api/v1/-/${project}/${path}`, { body, headers })
    if (status !== 200) throw new Error(text)
    return json.id
  }
  const name = `f-${++made}`
  const functions = await make('functions', { name, kind: 'container', spec: { image: 'app:1', args: ['sh', '-c', 'sleep 60'] } })
  const tasks = await make('tasks', { kind: 'container+job', spec: { function: `container://${project}/${name}:${functions}` } })
  const runs = await make('runs', { kind: 'container+job:run', spec: { task: `container+job://${project}/${tasks}` } })
  const secrets = await make('secrets', { name: `s-${made}` })
  await server.send('PUT', `/api/v1/-/${project}/runs/${runs}/metrics/loss`, { body: 1, headers })
  return { functions, tasks, runs, logs: runs, secrets }
}
type Ids = Awaited<ReturnType<typeof freshIds>>

const pathIn = ({ path }: Endpoint, project: string): string =>
  path
    .replace(/:(project|name)/, project)
    .replace(':action', 'stop')
    .replace(':user', 'ghost')
    .replace(/:(id|metric)/g, 'ghost')
    .replace(':collection', 'artifacts')
    .replace(':entity', 'function')
    .replace(':kind', 'container')

type Said = { message: string; hint?: string }

const ask = async (id: string, endpoint: Endpoint, { actor, project }: { actor: Actor; project: string }) =>
  server.send<Said>(endpoint.method, pathIn(endpoint, project) + (QUERY_OF[id] ?? ''), {
    headers: actor.headers,
    ...(endpoint.body && { body: BODY_OF[id]?.(project) }),
  })

/** The collection that a path, or its log's run, is in. */
const collectionOf = ({ path }: Endpoint): keyof Ids =>
  (['functions', 'tasks', 'runs', 'secrets', 'logs'] as const).find((name) => path.includes(`/${name}`)) ?? 'runs'

/** The same of an entity that is there; a secret keeps its name. */
const askOf = async (id: string, endpoint: Endpoint, { actor, project, ids }: { actor: Actor; project: string; ids: Ids }) => {
  const path = endpoint.path.replace(':project', project).replace(':action', 'stop').replace(':metric', 'loss').replace(':id', ids[collectionOf(endpoint)])
  const body = id.endsWith('pdateSecret') || id === 'secrets.update' ? { name: `s-${made}` } : BODY_OF[id]?.(project)
  const query = { 'everywhere.logs': `?run=${ids.runs}`, 'runs.watch': '?follow=false' }[id] ?? ''
  return server.send<Said>(endpoint.method, path + query, {
    headers: actor.headers,
    ...(endpoint.body && { body }),
  })
}

const isInProject = ({ path, method }: Endpoint): boolean =>
  path.includes(':project') || path.includes('projects/:name') || (method === 'POST' && /^\/api\/v1\/(functions|tasks|runs|secrets)$/.test(path))

const outerGroups: Readonly<Record<string, Readonly<Record<string, OuterEndpoint>>>> = outerApi
const outerEndpoints = Object.entries(outerGroups).flatMap(([group, rows]) =>
  Object.entries(rows).map(([name, endpoint]) => ({ id: `${group}.${name}`, endpoint })),
)

type Outer = (actor: Actor, ofNobody: number) => number
const alike: Outer = (_actor, ofNobody) => ofNobody
const proven: Outer = ({ role }) => (role === undefined ? 401 : 200)
/** What only a browser that is logged in gets, and what all others. */
const browsers =
  (logged: number, others: number): Outer =>
  ({ headers }) =>
    headers['cookie'] === undefined ? others : logged

/** What each endpoint beside the API answers to whom: a new one fails here until it says so. */
const OUTER_OF: Readonly<Record<string, Outer>> = {
  'browser.loginPage': alike,
  'browser.login': alike,
  'browser.loginProvider': alike,
  'browser.callback': alike,
  'browser.done': alike,
  'browser.logout': browsers(303, 403),
  'oauth.consent': browsers(200, 303),
  'oauth.authorize': browsers(303, 403),
  'oauth.token': alike,
  'oauth.userinfo': proven,
  'oauth.userinfoPost': proven,
  'oauth.keys': alike,
  'oauth.permissions': proven,
  'oauth.permissionsPost': proven,
  'wellKnown.configuration': alike,
  'wellKnown.openid': alike,
  'wellKnown.oauth': alike,
  'wellKnown.keys': alike,
  'operation.health': alike,
  'operation.ready': alike,
  'operation.metrics': (actor) => (actor.role === undefined ? 401 : mayDo(actor, 'server.read', undefined) ? 200 : 403),
  'operation.document': alike,
  'operation.documentPage': alike,
  'operation.notifications': alike,
}

const PROGRAM = {
  client_id: 'davit',
  redirect_uri: 'http://127.0.0.1:4567/',
  response_type: 'code',
  code_challenge: 'x'.repeat(43),
  code_challenge_method: 'S256',
}

const askOuter = async (id: string, { method, path, form }: OuterEndpoint, { headers }: Actor): Promise<number> => {
  const fields = new URLSearchParams({ ...(path === '/auth/authorize' && PROGRAM), csrf: headers['x-davit-csrf'] ?? '' }).toString()
  const answer = await server.send(method, id === 'oauth.consent' ? `${path}?${fields}` : path, {
    headers: { ...headers, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) },
    ...(form && { body: fields }),
  })
  return answer.status
}

test('every endpoint is in the matrix, and every verb of the table is asked for somewhere', () => {
  expect(Object.keys(VERB_OF).sort()).toEqual(endpoints.map(({ id }) => id).sort())
  expect(Object.keys(OUTER_OF).sort()).toEqual(outerEndpoints.map(({ id }) => id).sort())
  const bodies = endpoints.filter(({ endpoint }) => endpoint.body).map(({ id }) => id)
  expect(Object.keys(BODY_OF).sort()).toEqual(bodies.sort())
  const elsewhere: readonly Verb[] = ['audit.read', 'account.write', 'server.admin', 'run.delete', 'secret.use']
  const asked = new Set([...Object.values(VERB_OF), ...elsewhere])
  expect([...Object.keys(PROJECT_VERBS), ...Object.keys(SERVER_VERBS)].filter((verb) => !asked.has(verb as Verb))).toEqual([])
})

/** Endpoints of one entity of a project, whether their path says which project or not. */
const ofOne = endpoints.filter(
  ({ id, group, endpoint: { path } }) =>
    group !== 'foreign' &&
    (/:project\/(functions|tasks|runs|secrets)\/:id/.test(path) || (INNER_VERB_OF[id] !== undefined && path.includes(':id')) || id === 'everywhere.logs'),
)

/** What is right for who is proven: a refusal that tells nothing, or the deed. */
const expectedOf = (id: string, { actor, project, method }: { actor: Actor; project: string; method: string }): readonly number[] => {
  const done = [200]
  if (actor.role === undefined) return [401]
  const [outer, inner] = [VERB_OF[id] ?? 'server.admin', INNER_VERB_OF[id]]
  if (inner === undefined) return mayDo(actor, outer, project) ? done : [403]
  if (!mayDo(actor, outer, undefined)) return [403]
  const readable = mayDo(actor, READ_OF[inner.split('.')[0] ?? ''] ?? inner, project)
  if (!readable) return [404]
  return mayDo(actor, inner, project) || method === 'GET' ? done : [403]
}
const READ_OF: Readonly<Record<string, Verb>> = { function: 'function.read', task: 'task.read', run: 'run.read', secret: 'secret.list' }

describe.each(NAMES)('%s', (name) => {
  test('may do what the table says, and nothing else', async () => {
    const wrong: unknown[] = []
    for (const { id, endpoint } of endpoints) {
      const actor = await actors[name]()
      const verb = VERB_OF[id] ?? 'server.admin'
      const { status, text } = await ask(id, endpoint, { actor, project: MINE })
      const refused = status === 401 || status === 403
      const allowed = mayDo(actor, verb, id === 'projects.create' ? `made-${made}` : isInProject(endpoint) ? MINE : undefined)
      const right = actor.role === undefined ? status === 401 : allowed ? !refused && status < 500 : status === 403
      if (!right) wrong.push([id, verb, allowed ? 'should be allowed' : 'should be refused', status, text.slice(0, 200)])
    }
    expect(wrong).toEqual([])
  })

  test.each([MINE, OTHER])('may do the same to what is there, by its id: in %s', async (project) => {
    const wrong: unknown[] = []
    for (const { id, endpoint } of ofOne) {
      const [ids, actor] = [await freshIds(project), await actors[name]()]
      const { status, text } = await askOf(id, endpoint, { actor, project, ids })
      const expected = expectedOf(id, { actor, project, method: endpoint.method })
      if (!expected.includes(status)) wrong.push([id, project, expected, status, text.slice(0, 200)])
    }
    expect(wrong).toEqual([])
  })

  test('gets beside the API what the table says', async () => {
    const wrong: unknown[] = []
    for (const { id, endpoint } of outerEndpoints) {
      const actor = await actors[name]()
      const [status, ofNobody] = [await askOuter(id, endpoint, actor), await askOuter(id, endpoint, NOBODY)]
      const expected = OUTER_OF[id]?.(actor, ofNobody)
      if (status !== expected) wrong.push([id, expected, status])
    }
    expect(wrong).toEqual([])
  })

  test('is refused in the same words whether a project exists or not', async () => {
    const actor = await actors[name]()
    for (const { id, endpoint } of endpoints.filter(({ endpoint: { path } }) => path.includes(':project'))) {
      const [there, not] = [await ask(id, endpoint, { actor, project: OTHER }), await ask(id, endpoint, { actor, project: NOWHERE })]
      if (there.status !== 401 && there.status !== 403) continue
      expect([id, not.status]).toEqual([id, there.status])
      expect(not.json.message.replaceAll(NOWHERE, OTHER)).toBe(there.json.message)
    }
  })
})

test('a name that is taken is told to those alone who may take names', async () => {
  const { person, token } = people(server)
  const stranger = await person('stranger')
  const status = async (headers: Record<string, string>, name: string) => (await server.send('GET', `/api/v1/projects/${name}`, { headers })).status
  expect([await status(stranger, MINE), await status(stranger, NOWHERE)]).toEqual([403, 404])
  const limited = bearer((await token('stranger', { verbs: ['run.*'] })).token)
  expect([await status(limited, MINE), await status(limited, NOWHERE)]).toEqual([403, 403])
})

test('lists show the projects of whoever asks, and no others', async () => {
  const namesFor = async (name: Name) => {
    const { headers } = await actors[name]()
    const { json } = await server.send<{ content: { name: string }[]; totalElements: number }>('GET', '/api/v1/projects?size=1000', { headers })
    expect(json.totalElements).toBe(json.content.length)
    return json.content.map((project) => project.name).filter((project) => !project.startsWith('made-'))
  }
  expect(await namesFor('a viewer')).toEqual([MINE])
  expect(await namesFor('an owner of another project')).toEqual([OTHER])
  expect(await namesFor('an administrator')).toEqual([MINE, OTHER])
  expect(await namesFor("an administrator's token for another project")).toEqual([OTHER])
  expect(await namesFor("an owner's token for another project")).toEqual([])
})
