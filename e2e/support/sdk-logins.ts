import { randomBytes, randomUUID } from 'node:crypto'
import { Davit, getOrCreateProject } from 'davit'
import { signing } from '../../packages/server/src/auth/signing.ts'
import { fixedKeys } from '../../packages/server/src/secrets-key.ts'
import { keyRing } from '../../packages/server/src/service/key-ring.ts'
import { sealerWith, secretBox } from '../../packages/server/src/service/secret-box.ts'
import { openDatabase } from '../../packages/server/src/store/database.ts'
import { store } from '../../packages/server/src/store/store.ts'
import { type House, openHouse, shell } from './house.ts'
import { type OwnDatabase, startOwnDatabase } from './own-database.ts'
import type { SdkLine } from './sdk-lines.ts'
import { startTestEngine } from './test-engine.ts'

const HOURS_9 = 9 * 3_600_000
const OTHER = 'private'
const CLIENT_ID = 'davit'

interface Tokens {
  readonly access: string
  readonly refresh: string
}
type Environment = Readonly<Record<string, string>>

const tokensFor = async (url: string, form: Environment): Promise<Tokens> => {
  const answer = await fetch(`${url}/auth/token`, { method: 'POST', body: new URLSearchParams({ client_id: CLIENT_ID, ...form }) })
  if (!answer.ok) throw new Error(`${url} gives no tokens: ${answer.status} ${await answer.text()}`)
  const { access_token: access, refresh_token: refresh } = await answer.json()
  return { access, refresh }
}

/** What a user has who begins to work: a personal token is exchanged as the SDK does it. */
const logIn = (url: string, personal: string): Promise<Tokens> =>
  tokensFor(url, {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: personal,
    subject_token_type: 'urn:ietf:params:oauth:token-type:pat',
  })

/** Signs as the server did nine hours ago: an access token is good for eight. */
async function signerOfThePast({ connection }: OwnDatabase, key: Buffer) {
  const database = openDatabase(connection, { maxConnections: 1, onError: () => undefined })
  const ring = await keyRing(fixedKeys(key))
  const sealer = sealerWith({ keyRing: ring, secretBox: secretBox(ring) })
  const past = signing({ keys: store(database.db).signingKeys, sealer, now: () => new Date(Date.now() - HOURS_9) })
  return {
    over: (url: string, access: string): Promise<string> => {
      const { sid, sub } = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString())
      return past.access(sid, { subject: sub, issuer: url, ttlS: 8 * 3600, client: CLIENT_ID })
    },
    close: database.close,
  }
}

type Past = Awaited<ReturnType<typeof signerOfThePast>>

/** A project that somebody else made, with a run of a kind that the line can read, and a secret. */
async function furnish(admin: Davit, name: string, line: SdkLine, secret: string): Promise<void> {
  const project = await getOrCreateProject(name, { client: admin })
  await project.newSecret({ name: 'token', secret_value: secret })
  const run = await (await shell(project, 'echo shared')).run('job')
  await run.wait({ timeoutMs: 60_000 })
  if (line === '0.13') {
    const { task } = run.entity.spec
    await run.delete()
    const { id } = await admin.runs.create(name, { kind: 'container+run', spec: { task } })
    await admin.runs.wait(name, id, { timeoutMs: 60_000 })
  }
  for (const user of people) await admin.members.put(name, { user, role: 'viewer' })
}

const people = ['ann', 'vera'] as const
type Person = (typeof people)[number]

/** A server on an engine that wants to know who calls, with people who may more and less on it. */
export async function openLogins() {
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one()
  }
  try {
    const engine = await startTestEngine()
    closing.push(engine.close)
    const database = await startOwnDatabase()
    closing.push(database.close)
    const key = randomBytes(32)
    const env = { DAVIT_SECRETS_KEY: key.toString('hex') }
    const house = await openHouse({ engine, flags: ['--auth', 'basic,bearer', ...database.flags], env })
    closing.push(house.close)
    const past = await signerOfThePast(database, key)
    closing.push(past.close)
    return { house, environmentsOf: await environmentsOf(house, past), close }
  } catch (error) {
    await close()
    throw error
  }
}
export type Logins = Awaited<ReturnType<typeof openLogins>>

/** What a Python process has in its environment, for each file of checks; made anew for each line, since tokens are used up. */
async function environmentsOf({ url, server }: House, past: Past) {
  const secret = `value-${randomUUID()}`
  const password: Readonly<Record<Person, string>> = { ann: randomUUID(), vera: randomUUID() }
  const admin = new Davit({ endpoint: url, token: server.log().match(/dvt_[\w-]+/)?.[0] ?? '' })
  for (const name of people) await admin.users.create({ name, password: password[name] })
  await getOrCreateProject(OTHER, { client: admin })
  const personal = async (): Promise<string> => (await admin.tokens.create({ name: 'for the SDK', user: 'ann' })).token
  const tokens = async (): Promise<Tokens> => logIn(url, await personal())
  const client = { DHCORE_ISSUER: url, DHCORE_CLIENT_ID: CLIENT_ID }
  const basic = (user: Person, said = password[user]): Environment => ({ LOGIN_NAME: user, DHCORE_USER: user, DHCORE_PASSWORD: said })
  const renewable = async ({ access, refresh }: Tokens): Promise<Environment> => ({
    ...client,
    DHCORE_ACCESS_TOKEN: await past.over(url, access),
    DHCORE_REFRESH_TOKEN: refresh,
  })
  const made = {
    basic: async () => basic('ann'),
    personal: async () => ({ ...client, DHCORE_PERSONAL_ACCESS_TOKEN: await personal() }),
    personal_as_password: async () => basic('ann', await personal()),
    personal_as_access: async () => ({ DHCORE_ACCESS_TOKEN: await personal() }),
    access: async () => ({ DHCORE_ACCESS_TOKEN: (await tokens()).access }),
    access_over: async () => ({ DHCORE_ACCESS_TOKEN: await past.over(url, (await tokens()).access) }),
    renewed: async () => renewable(await tokens()),
    viewer: async () => basic('vera'),
    no_login: async () => ({}),
    wrong_password: async () => basic('ann', 'a guess'),
    wrong_personal: async () => ({ ...client, DHCORE_PERSONAL_ACCESS_TOKEN: `dvt_${'x'.repeat(43)}` }),
    wrong_refresh: async () => {
      const one = await tokens()
      await tokensFor(url, { grant_type: 'refresh_token', refresh_token: one.refresh })
      return renewable(one)
    },
  } as const satisfies Record<string, () => Promise<Environment>>
  return async function* (line: SdkLine): AsyncGenerator<{ readonly module: string; readonly env: Environment }> {
    const shared = `shared-${line.replace('.', '')}`
    await furnish(admin, shared, line, secret)
    const common = { LOGIN_NAME: 'ann', SHARED_PROJECT: shared, OTHER_PROJECT: OTHER, SHARED_SECRET: secret, SHAREE: 'vera', SHAREE_PASSWORD: password.vera }
    for (const [module, make] of Object.entries(made)) yield { module, env: { ...common, ...(await make()) } }
  }
}
