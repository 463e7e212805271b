import { randomUUID } from 'node:crypto'
import { DavitError } from 'davit/contract'
import type { Repos, Store } from '#store/store.ts'
import { hashOf, hintOf, newSecret } from './secret-text.ts'

/** The account of whoever started the server; the second where an identity provider has given the first name to somebody. */
const NAMES = ['admin', 'davit-admin'] as const

/** Whose token it is, and the token. */
export interface AdminToken {
  readonly name: string
  readonly token: string
}

const mint = async (inside: Repos, { name, verb }: { name: string; verb: string }): Promise<AdminToken> => {
  const token = newSecret('token')
  const id = randomUUID().replaceAll('-', '')
  await inside.tokens.insert({
    id,
    account: name,
    name: 'made by the server',
    hash: hashOf(token),
    hint: hintOf(token),
    projects: undefined,
    verbs: undefined,
    expires: undefined,
  })
  await inside.audit.write({ by: { name: 'server' }, verb, project: '', entity: 'token', entityId: id, detail: { account: name } })
  return { name, token }
}

/** The account of the operator, an administrator from now on. A person of an identity provider never is, whatever they are called. */
const makeAdmin = async (inside: Repos): Promise<string> => {
  for (const name of NAMES) {
    const row = (await inside.users.insert({ name, kind: 'user', admin: true })) ?? (await inside.users.find(name))
    if (row?.issuer !== null || !(row.admin || name === NAMES[0])) continue
    await inside.users.setAdmin(name, true)
    return name
  }
  throw new DavitError('conflict', `the names ${NAMES.join(' and ')} belong to people who are no administrators of this server`)
}

/**
 * At the first start with authentication: an administrator, and a token by which to become it. The database has only the token's hash, so
 * what is given here must be shown now or never: it is made when all else of the start has succeeded. Undefined: another server made it.
 */
export const firstAdmin = (store: Store): Promise<AdminToken | undefined> =>
  store.transact(async (inside) => {
    const [name] = NAMES
    return (await inside.users.insert({ name, kind: 'user', admin: true })) && mint(inside, { name, verb: 'token.first' })
  })

/** Another token for the administrator, for whoever lost the first and may start the server. */
export const newAdminToken = (store: Store): Promise<AdminToken> =>
  store.transact(async (inside) => mint(inside, { name: await makeAdmin(inside), verb: 'token.recover' }))
