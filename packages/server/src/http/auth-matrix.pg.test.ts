import { api, coversVerb, type Endpoint, LEAST_ROLE, PROJECT_VERBS, ROLES, type Role, SERVER_VERBS, type Verb } from 'davit/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { authFor, bearer, people } from './testing/people.ts'
import { given, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

/** What each endpoint asks for: a new endpoint fails here until it says so. */
const VERB_OF: Readonly<Record<string, Verb>> = {
  'projects.list': 'project.list',
  'projects.create': 'project.create',
  'projects.get': 'project.read',
  'projects.update': 'project.update',
  'projects.delete': 'project.delete',
  'functions.list': 'function.read',
  'functions.create': 'function.write',
  'functions.get': 'function.read',
  'functions.update': 'function.write',
  'functions.delete': 'function.delete',
  'functions.deleteByName': 'function.delete',
  'tasks.list': 'task.read',
  'tasks.create': 'task.write',
  'tasks.get': 'task.read',
  'tasks.update': 'task.write',
  'tasks.delete': 'task.delete',
  'runs.list': 'run.read',
  'runs.create': 'run.write',
  'runs.get': 'run.read',
  'runs.update': 'run.write',
  'runs.delete': 'run.delete',
  'runs.act': 'run.stop',
  'runs.watch': 'run.read',
  'runs.logs': 'run.read',
  'runs.streamLogs': 'run.read',
  'logs.list': 'run.read',
  'secrets.list': 'secret.list',
  'secrets.create': 'secret.write',
  'secrets.readData': 'secret.read',
  'secrets.writeData': 'secret.write',
  'secrets.get': 'secret.list',
  'secrets.delete': 'secret.write',
  'server.info': 'server.read',
  'account.get': 'account.read',
  'account.logout': 'account.read',
  'users.list': 'user.read',
  'users.create': 'user.write',
  'users.get': 'user.read',
  'users.setPassword': 'user.write',
  'users.delete': 'user.write',
  'tokens.list': 'token.read',
  'tokens.create': 'token.write',
  'tokens.get': 'token.read',
  'tokens.delete': 'token.write',
  'members.list': 'member.list',
  'members.put': 'member.write',
  'members.delete': 'member.write',
  'audit.list': 'audit.all',
  'admin.rotateKeys': 'key.rotate',
  'secrets.update': 'secret.write',
  'shares.list': 'member.list',
  'shares.share': 'member.write',
  'shares.unshare': 'member.write',
  'metrics.all': 'run.read',
  'metrics.get': 'run.read',
  'metrics.put': 'run.write',
  'search.item': 'project.read',
  'schemas.list': 'server.read',
  'schemas.get': 'server.read',
  'schemas.templates': 'server.read',
  'foreign.list': 'project.read',
  'foreign.create': 'function.write',
  'foreign.deleteByName': 'function.delete',
  'foreign.get': 'project.read',
  'foreign.update': 'project.read',
  'foreign.delete': 'project.read',
  'everywhere.functions': 'project.list',
  'everywhere.createFunction': 'function.write',
  'everywhere.getFunction': 'project.list',
  'everywhere.updateFunction': 'project.list',
  'everywhere.deleteFunction': 'project.list',
  'everywhere.tasks': 'project.list',
  'everywhere.createTask': 'task.write',
  'everywhere.getTask': 'project.list',
  'everywhere.updateTask': 'project.list',
  'everywhere.deleteTask': 'project.list',
  'everywhere.runs': 'project.list',
  'everywhere.createRun': 'run.write',
  'everywhere.getRun': 'project.list',
  'everywhere.updateRun': 'project.list',
  'everywhere.deleteRun': 'project.list',
  'everywhere.secrets': 'project.list',
  'everywhere.createSecret': 'secret.write',
  'everywhere.getSecret': 'project.list',
  'everywhere.updateSecret': 'project.list',
  'everywhere.deleteSecret': 'project.list',
  'everywhere.logs': 'project.list',
}

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

interface Actor {
  readonly headers: Record<string, string>
  /** The role in MINE; undefined: nobody knows who this is. */
  readonly role: Role | undefined
  readonly verbs?: readonly string[]
  readonly projects?: readonly string[]
}

const databases = databasesForTests()
let server: ServerForTests
let actors: Readonly<Record<string, () => Promise<Actor>>>

beforeAll(async () => {
  const database = await databases.fresh()
  // Filled by a server that asks nobody; then the same database is served with authentication.
  const filling = await serverForTests(database)
  await given(filling, MINE)
  await given(filling, OTHER)
  await filling.close()
  server = await serverForTests(databases.again(database), { auth: authFor() })
  const { person, token } = people(server)
  await person('victor', { roles: { [MINE]: 'viewer' } })
  await person('edda', { roles: { [MINE]: 'editor' } })
  await person('otto', { roles: { [MINE]: 'owner' } })
  await person('anna', { admin: true })
  await person('oskar', { roles: { [OTHER]: 'owner' } })
  const gone = await token('anna')
  await server.store.tokens.delete('anna', gone.id)
  // Each call gets a token of its own: one of the endpoints ends the login that it is called with.
  const by = async (name: string, said: Parameters<typeof token>[1] = {}) => bearer((await token(name, said)).token)
  actors = {
    nobody: async () => ({ headers: {}, role: undefined }),
    'an unknown token': async () => ({ headers: bearer('dvt_unknown'), role: undefined }),
    'an expired token': async () => ({ headers: await by('anna', { expires: new Date(Date.now() - 1000) }), role: undefined }),
    'a revoked token': async () => ({ headers: bearer(gone.token), role: undefined }),
    'a viewer': async () => ({ headers: await by('victor'), role: 'viewer' }),
    'an editor': async () => ({ headers: await by('edda'), role: 'editor' }),
    'an owner': async () => ({ headers: await by('otto'), role: 'owner' }),
    'an administrator': async () => ({ headers: await by('anna'), role: 'admin' }),
    'an owner of another project': async () => ({ headers: await by('oskar'), role: 'user' }),
    "an owner's token for reading": async () => ({ headers: await by('otto', { verbs: ['*.read', '*.list'] }), role: 'owner', verbs: ['*.read', '*.list'] }),
    "an owner's token for another project": async () => ({ headers: await by('otto', { projects: [OTHER] }), role: 'owner', projects: [OTHER] }),
    "an administrator's token for another project": async () => ({ headers: await by('anna', { projects: [OTHER] }), role: 'admin', projects: [OTHER] }),
    "an administrator's token for runs here": async () => ({
      headers: await by('anna', { projects: [MINE], verbs: ['run.*'] }),
      role: 'admin',
      projects: [MINE],
      verbs: ['run.*'],
    }),
  }
})

/** What a token of single projects may still ask of the server. */
const HARMLESS: readonly Verb[] = ['project.list', 'account.read', 'server.read']

const isExpected = ({ role, verbs, projects }: Actor, verb: Verb, project: string | undefined): boolean => {
  if (role === undefined) return false
  if (verbs && !verbs.some((pattern) => coversVerb(pattern, verb))) return false
  if (projects && !(project === undefined ? HARMLESS.includes(verb) : projects.includes(project))) return false
  const held: Role = role === 'admin' || verb in PROJECT_VERBS ? role : 'user'
  return ROLES.indexOf(held) >= ROLES.indexOf(LEAST_ROLE[verb])
}

const pathIn = ({ path }: Endpoint, project: string): string =>
  path
    .replace(/:(project|name)/, project)
    .replace(':action', 'stop')
    .replace(':user', 'ghost')
    .replace(/:(id|metric)/g, 'ghost')
    .replace(':collection', 'artifacts')
    .replace(':entity', 'function')
    .replace(':kind', 'container')

const ask = async (id: string, endpoint: Endpoint, { actor, project }: { actor: Actor; project: string }) =>
  server.send<{ message: string; hint?: string }>(endpoint.method, pathIn(endpoint, project) + (QUERY_OF[id] ?? ''), {
    headers: actor.headers,
    ...(endpoint.body && { body: BODY_OF[id]?.(project) }),
  })

const isInProject = ({ path, method }: Endpoint): boolean =>
  path.includes(':project') || path.includes('projects/:name') || (method === 'POST' && /^\/api\/v1\/(functions|tasks|runs|secrets)$/.test(path))

test('every endpoint is in the matrix, and every verb of the table is asked for somewhere', () => {
  expect(Object.keys(VERB_OF).sort()).toEqual(endpoints.map(({ id }) => id).sort())
  const bodies = endpoints.filter(({ endpoint }) => endpoint.body).map(({ id }) => id)
  expect(Object.keys(BODY_OF).sort()).toEqual(bodies.sort())
  const elsewhere: readonly Verb[] = ['audit.read', 'account.write', 'server.admin', 'run.delete']
  const asked = new Set([...Object.values(VERB_OF), ...elsewhere])
  expect([...Object.keys(PROJECT_VERBS), ...Object.keys(SERVER_VERBS)].filter((verb) => !asked.has(verb as Verb))).toEqual([])
})

describe.each([
  'nobody',
  'an unknown token',
  'an expired token',
  'a revoked token',
  'a viewer',
  'an editor',
  'an owner',
  'an administrator',
  'an owner of another project',
  "an owner's token for reading",
  "an owner's token for another project",
  "an administrator's token for another project",
  "an administrator's token for runs here",
])('%s', (name) => {
  test('may do what the table says, and nothing else', async () => {
    const wrong: unknown[] = []
    for (const { id, endpoint } of endpoints) {
      const actor = await (actors[name] ?? (() => Promise.reject(new Error(name))))()
      const verb = VERB_OF[id] ?? 'server.admin'
      const { status, text } = await ask(id, endpoint, { actor, project: MINE })
      const refused = status === 401 || status === 403
      const allowed = isExpected(
        actor,
        verb,
        isInProject(endpoint) || id === 'projects.create' ? (id === 'projects.create' ? `made-${made}` : MINE) : undefined,
      )
      const right = actor.role === undefined ? status === 401 : allowed ? !refused && status < 500 : status === 403
      if (!right) wrong.push([id, verb, allowed ? 'should be allowed' : 'should be refused', status, text.slice(0, 200)])
    }
    expect(wrong).toEqual([])
  })

  test('is refused in the same words whether a project exists or not', async () => {
    const actor = await (actors[name] ?? (() => Promise.reject(new Error(name))))()
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
  const namesFor = async (name: string) => {
    const { headers } = await (actors[name] ?? (() => Promise.reject(new Error(name))))()
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
