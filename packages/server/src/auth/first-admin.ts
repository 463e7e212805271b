import { randomUUID } from 'node:crypto'
import type { Store } from '#store/store.ts'
import { hashOf, hintOf, newSecret } from './secret-text.ts'

/** The account of whoever started the server. */
const NAME = 'admin'

const mint = async (store: Store, verb: string): Promise<string> => {
  const token = newSecret('token')
  await store.transact(async (inside) => {
    const id = randomUUID().replaceAll('-', '')
    await inside.tokens.insert({
      id,
      account: NAME,
      name: 'made by the server',
      hash: hashOf(token),
      hint: hintOf(token),
      projects: undefined,
      verbs: undefined,
      expires: undefined,
    })
    await inside.audit.write({ by: { name: 'server' }, verb, project: '', entity: 'token', entityId: id, detail: { account: NAME } })
  })
  return token
}

/**
 * At the first start with authentication: an administrator, and a token by which to become it. The database has only the token's hash,
 * so what is given here must be shown now or never. Undefined: there are accounts already. Of several servers one makes it.
 */
export const firstAdmin = async (store: Store): Promise<string | undefined> => {
  if (!(await store.users.isEmpty())) return undefined
  return (await store.users.insert({ name: NAME, kind: 'user', admin: true })) ? mint(store, 'token.first') : undefined
}

/** Another token for the administrator, for whoever lost the first and may start the server. */
export const newAdminToken = async (store: Store): Promise<string> => {
  await store.users.insert({ name: NAME, kind: 'user', admin: true })
  await store.users.setAdmin(NAME, true)
  return mint(store, 'token.recover')
}
