import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testProvider } from '../../server/src/http/testing/identity-provider.ts'
import { davit, startTestServer, type TestServer } from './davit-process.ts'
import { runDavit } from './run-davit.ts'

let folder = ''
let server: TestServer | undefined
let endpoint = ''
let adminToken = ''
const homes = { admin: '', ann: '' }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davit-people-'))
  await chmod(folder, 0o755)
  for (const name of ['admin', 'ann'] as const) homes[name] = join(folder, name)
  server = await startTestServer(join(folder, 'data'), ['--auth', 'basic,bearer'])
  endpoint = server.endpoint
  adminToken = server.said().match(/dvt_[\w-]+/)?.[0] ?? ''
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const as = (who: keyof typeof homes, argv: readonly string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}) =>
  runDavit(argv, { env: { HOME: homes[who], XDG_CONFIG_HOME: homes[who], DAVIT_ENDPOINT: '', ...env }, stdin: input })
const configOf = (who: keyof typeof homes): string => join(homes[who], 'davit', 'config.json')

test('without a login everything but the help is refused, with the way in', async () => {
  const { code, stderr } = await as('ann', ['ps'], { env: { DAVIT_ENDPOINT: endpoint } })
  expect(code).toBe(4)
  expect(stderr).toContain('davit login')
})

test('the token of the first start logs its administrator in; the file is for its owner only', async () => {
  expect(adminToken).toMatch(/^dvt_/)
  const { code, stderr } = await as('admin', ['login', endpoint, '--name', 'lab', '--token-stdin'], { input: `${adminToken}\n` })
  expect([code, stderr]).toEqual([0, `logged in to ${endpoint} as admin\n`])
  expect((await stat(configOf('admin'))).mode & 0o777).toBe(0o600)
  expect(JSON.parse((await as('admin', ['whoami', '--json'])).stdout)).toMatchObject({ name: 'admin', admin: true, proof: 'token' })
  expect((await as('admin', ['login', endpoint, '--token-stdin'], { input: 'dvt_wrong\n' })).code).toBe(4)
})

test('a start that fails does not use up the first token: the next one shows it', async () => {
  const data = join(folder, 'second')
  const taken = await davit(['server', '--listen', new URL(endpoint).host, '--data', data, '--engine', 'memory', '--auth', 'bearer'])
  expect([taken.code, taken.stderr]).toEqual([expect.any(Number), expect.stringContaining('EADDRINUSE')])
  expect(taken.stderr).not.toMatch(/dvt_/)
  await using free = await startTestServer(data, ['--auth', 'bearer'])
  expect(free.said()).toMatch(/dvt_/)
})

test('an administrator makes users, who log in with a password and get a token of their own', async () => {
  expect((await as('admin', ['user', 'create', 'ann', '--password'], { input: 'correct horse battery\n' })).code).toBe(0)
  expect((await as('admin', ['user', 'ls', '-o', 'name'])).stdout).toBe('admin\nann\n')
  expect((await as('ann', ['login', endpoint, '--user', 'ann'], { input: 'wrong\n' })).code).toBe(4)
  expect((await as('ann', ['login', endpoint, '--user', 'ann'], { input: 'correct horse battery\n' })).code).toBe(0)
  const saved = await readFile(configOf('ann'), 'utf8')
  expect(saved).not.toContain('correct horse')
  expect(JSON.parse((await as('ann', ['whoami', '--json'])).stdout)).toMatchObject({ name: 'ann', admin: false, proof: 'token' })
  expect((await as('ann', ['user', 'ls'])).code).toBe(4)
})

test('somebody is made an administrator, and no longer one', async () => {
  expect((await as('ann', ['user', 'set', 'ann', '--admin'])).code).toBe(4)
  expect((await as('admin', ['user', 'set', 'ann', '--admin'])).code).toBe(0)
  expect(JSON.parse((await as('ann', ['whoami', '--json'])).stdout)).toMatchObject({ admin: true })
  expect((await as('admin', ['user', 'set', 'ann', '--no-admin'])).code).toBe(0)
  expect(JSON.parse((await as('ann', ['whoami', '--json'])).stdout)).toMatchObject({ admin: false })
  expect((await as('admin', ['user', 'set', 'admin', '--no-admin'])).stderr).toContain('last administrator')
  expect((await as('admin', ['user', 'set', 'ann'])).stderr).toContain('--no-admin')
})

test('a project is shared, looked into, and closed again', async () => {
  expect((await as('admin', ['secret', 'set', 'KEY', '-p', 'vision'], { input: 'value of the key\n' })).code).toBe(0)
  expect((await as('ann', ['secret', 'ls', '-p', 'vision'])).code).toBe(4)
  expect((await as('admin', ['project', 'share', 'ann', '--role', 'viewer', '-p', 'vision'])).code).toBe(0)
  expect((await as('ann', ['secret', 'ls', '-p', 'vision', '-o', 'name'])).stdout).toBe('KEY\n')
  expect((await as('ann', ['secret', 'get', 'KEY', '-p', 'vision'])).code).toBe(4)
  expect((await as('admin', ['project', 'share', 'ann', '-p', 'vision'])).stderr).toContain('ann is editor')
  expect((await as('ann', ['secret', 'get', 'KEY', '-p', 'vision'])).stdout).toBe('value of the key')
  expect((await as('ann', ['project', 'members', '-p', 'vision', '--json'])).stdout).toContain('"editor"')
  expect((await as('admin', ['project', 'unshare', 'ann', '-p', 'vision'])).code).toBe(0)
  expect((await as('ann', ['secret', 'ls', '-p', 'vision'])).code).toBe(4)
})

test('a token is shown once, limited, listed with its last use, and revoked', async () => {
  const { stdout } = await as('admin', ['token', 'create', 'ci', '--only', 'vision', '--verb', '*.read', '--verb', 'secret.list', '--expires', '1h'])
  const token = stdout.trim()
  const env = { DAVIT_ENDPOINT: endpoint, DAVIT_TOKEN: token }
  expect((await as('ann', ['secret', 'ls', '-p', 'vision', '-o', 'name'], { env })).stdout).toBe('KEY\n')
  expect((await as('ann', ['secret', 'set', 'KEY', '-p', 'vision'], { env, input: 'x' })).code).toBe(4)
  expect((await as('ann', ['ps', '-p', 'other'], { env })).code).toBe(4)
  const listed = JSON.parse((await as('admin', ['token', 'ls', '--json'])).stdout) as { items: { id: string; name: string; last_used?: string }[] }
  const ci = listed.items.find(({ name }) => name === 'ci')
  expect(ci?.last_used).toBeDefined()
  expect(JSON.stringify(listed)).not.toContain(token)
  expect((await as('admin', ['token', 'revoke', ci?.id ?? ''])).code).toBe(0)
  expect((await as('ann', ['secret', 'ls', '-p', 'vision'], { env })).code).toBe(4)
})

test('the credentials of official clients do for us too', async () => {
  const ask = (env: Record<string, string>) => as('admin', ['whoami', '-o', 'name'], { env: { DHCORE_ENDPOINT: endpoint, ...env } })
  expect((await ask({ DHCORE_USER: 'ann', DHCORE_PASSWORD: 'correct horse battery' })).stdout).toBe('ann\n')
  expect((await ask({ DHCORE_PERSONAL_ACCESS_TOKEN: adminToken })).stdout).toBe('admin\n')
  expect((await ask({})).code).toBe(4)
})

interface Page {
  readonly text: string
  readonly location: string
}
type Go = (path: string, form?: Record<string, string>) => Promise<Page>

const fields = ({ text }: Page) =>
  Object.fromEntries([...text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]))

/** Logs in on the page where the server asks for it; gives where the server goes on. */
const byPassword = async (go: Go, loginUrl: string): Promise<string> =>
  (await go('/auth/login', { ...fields(await go(loginUrl)), user: 'ann', password: 'correct horse battery' })).location
const byProvider = async (go: Go, loginUrl: string): Promise<string> => {
  const { location: there } = await go(loginUrl.replace('/auth/login', '/auth/login/provider'))
  const { location: back } = await go(there)
  return (await go(back)).location
}

/** What a person does in a browser: keeps cookies, logs in, agrees. */
const agree = async (url: string, logIn: (go: Go, loginUrl: string) => Promise<string>): Promise<void> => {
  const jar = new Map<string, string>()
  const go: Go = async (path, form) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(new URL(path, url), {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const set of answer.headers.getSetCookie()) jar.set(set.split('=')[0] ?? '', set.match(/=([^;]*)/)?.[1] ?? '')
    return { text: await answer.text(), location: answer.headers.get('location') ?? '' }
  }
  const { location: loginUrl } = await go(url)
  const consent = await go(await logIn(go, loginUrl))
  await fetch((await go('/auth/authorize', fields(consent))).location)
}

/** `davit login` in a terminal, with somebody at the browser. */
const loginInBrowser = async (at: string, env: Record<string, string>, logIn: typeof byPassword) => {
  let agreed: Promise<void> | undefined
  const onOutput = (text: string): void => {
    const url = text.match(/http\S+authorize\S+/)?.[0]
    if (url !== undefined) agreed ??= agree(url, logIn)
  }
  const ran = await runDavit(['login', at], { env, tty: true, onOutput })
  await agreed
  return ran
}

test('a browser logs the CLI in, which waits on this machine and ends with a token of its own', async () => {
  const env = { HOME: join(folder, 'browser'), XDG_CONFIG_HOME: join(folder, 'browser'), DAVIT_ENDPOINT: '' }
  const { code, stderr } = await loginInBrowser(endpoint, env, byPassword)
  expect([code, stderr]).toEqual([0, expect.stringContaining('as ann')])
  const { stdout } = await runDavit(['whoami', '--json'], { env })
  expect(JSON.parse(stdout)).toMatchObject({ name: 'ann', proof: 'token', expires: expect.any(String) as string })
})

test('through an identity provider it has the roles that this one gives, for a day at most', async () => {
  const provider = await testProvider()
  provider.person = { sub: 'u-olga', preferred_username: 'olga', roles: ['vision:editor'] }
  await using oidc = await startTestServer(join(folder, 'oidc'), ['--auth', 'bearer', '--oidc-issuer', provider.issuer])
  const env = { HOME: join(folder, 'olga'), XDG_CONFIG_HOME: join(folder, 'olga'), DAVIT_ENDPOINT: '' }
  expect(await loginInBrowser(oidc.endpoint, env, byProvider)).toMatchObject({ code: 0, stderr: expect.stringContaining('as olga') })
  await provider.close() // nobody is asked any more
  const account = JSON.parse((await runDavit(['whoami', '--json'], { env })).stdout) as { expires: string }
  expect(account).toMatchObject({ name: 'olga', proof: 'token', memberships: { vision: 'editor' } })
  expect(Date.parse(account.expires)).toBeLessThanOrEqual(Date.now() + 86_400_000)
})

test('where nobody can look at a browser a token is asked for', async () => {
  const { code, stderr } = await as('ann', ['login', endpoint])
  expect([code, stderr]).toEqual([2, expect.stringContaining('--token-stdin')])
})

test('what was done is found in the audit log, with who and from where, and without secrets', async () => {
  const { stdout } = await as('admin', ['audit', '--all', '--json', '-n', '500'])
  const { items } = JSON.parse(stdout) as { items: { verb: string; user: string; address?: string; detail: object }[] }
  const verbs = new Set(items.map(({ verb }) => verb))
  for (const verb of [
    'token.first',
    'user.create',
    'token.create',
    'token.delete',
    'member.put',
    'member.delete',
    'secret.set',
    'secret.read',
    'login.refused',
  ])
    expect(verbs).toContain(verb)
  expect(items.find(({ verb }) => verb === 'member.put')).toMatchObject({
    user: 'admin',
    address: '127.0.0.1',
    detail: { after: { role: expect.any(String) } },
  })
  for (const secret of [adminToken, 'correct horse', 'value of the key']) expect(stdout).not.toContain(secret)
  expect((await as('ann', ['audit', '--all'])).code).toBe(4)
  expect((await as('ann', ['audit', '-p', 'vision'])).code).toBe(4)
})

test('keys are rotated while everything goes on', async () => {
  const { code, stdout } = await as('admin', ['admin', 'rotate-keys', '--yes', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ renewed: true, secrets: 1, signing_keys: expect.any(Number) as number })
  expect((await readFile(join(folder, 'data', 'secrets.key'), 'utf8')).trim().split('\n')).toHaveLength(2)
  expect((await as('admin', ['secret', 'get', 'KEY', '-p', 'vision'])).stdout).toBe('value of the key')
})

test('logging out revokes what the login made, and nothing else, also when other servers were used meanwhile', async () => {
  expect((await as('ann', ['use', 'http://127.0.0.1:9'])).code).toBe(0)
  for (const target of [new URL(endpoint).host, endpoint]) expect((await as('ann', ['use', target])).code).toBe(0)
  const { contexts } = JSON.parse(await readFile(configOf('ann'), 'utf8')) as { contexts: Record<string, { token: string }> }
  const { token = '' } = contexts[new URL(endpoint).host] ?? {}
  expect(token).toMatch(/^dvt_/)
  expect((await as('ann', ['logout'])).code).toBe(0)
  expect((await as('ann', ['whoami'])).code).toBe(4)
  expect((await as('ann', ['whoami'], { env: { DAVIT_ENDPOINT: endpoint, DAVIT_TOKEN: token } })).code).toBe(4)
  expect((await as('admin', ['logout'])).code).toBe(0)
  expect((await as('admin', ['whoami', '-o', 'name'], { env: { DAVIT_ENDPOINT: endpoint, DAVIT_TOKEN: adminToken } })).stdout).toBe('admin\n')
})

test('a server without authentication needs no login, and stays on loopback', async () => {
  const open = await startTestServer(join(folder, 'open'))
  try {
    expect((await as('ann', ['login', open.endpoint])).stderr).toContain('needs no login')
    expect((await as('ann', ['whoami', '-o', 'name'], { env: { DAVIT_ENDPOINT: open.endpoint } })).stdout).toBe('anonymous\n')
  } finally {
    await open[Symbol.asyncDispose]()
  }
  const { code, stderr } = await davit(['server', '--listen', '0.0.0.0:0', '--data', join(folder, 'refused'), '--engine', 'memory'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('--auth basic,bearer')])
})
