import { DavitError, type NewPersonalToken, notFound, type PersonalToken, type PersonalTokenCreate } from 'davit/contract'
import { hashOf, hintOf, newSecret } from '#auth/secret-text.ts'
import type { TokenRow } from '#store/tokens.ts'
import { assertMay, assertUnlimited, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'

const noSuchToken = (id: string): DavitError => notFound('token', `There is none with the id ${id}.`, '`davit token ls` lists them')

const toToken = (row: TokenRow): PersonalToken => ({
  id: row.id,
  name: row.name,
  user: row.account,
  hint: row.hint,
  ...(row.projects && { projects: row.projects }),
  ...(row.verbs && { verbs: row.verbs }),
  ...(row.expires && { expires: row.expires.toISOString() }),
  created: row.created.toISOString(),
  ...(row.last_used && { last_used: row.last_used.toISOString() }),
  ...(row.last_address !== null && { last_address: row.last_address }),
  issuedAt: row.created.toISOString(),
  ...(row.expires && { expiresAt: row.expires.toISOString() }),
})

const secondsUntil = (end: Date): number => Math.max(0, Math.floor((end.getTime() - Date.now()) / 1000))

/** Whose tokens are meant: one's own, or as administrator somebody else's. */
const ownerOf = (
  caller: Caller,
  user: string | undefined,
  verbs: { readonly own: 'token.read' | 'token.write'; readonly others: 'user.read' | 'user.write' },
) => {
  const owner = user ?? caller.name
  assertMay(caller, owner === caller.name ? verbs.own : verbs.others)
  return owner
}
const READ = { own: 'token.read', others: 'user.read' } as const
const WRITE = { own: 'token.write', others: 'user.write' } as const

/** A token that was made with another one ends no later than that. */
const endOf = ({ proof, expires: limit }: Caller, asked: string | undefined): Date | undefined => {
  const end = asked === undefined ? undefined : new Date(asked)
  if (end && end.getTime() <= Date.now()) throw new DavitError('invalid', 'expires must lie in the future', { path: 'expires' })
  if (!('token' in proof) || proof.token === undefined || !limit) return end
  if (end && end > limit) throw new DavitError('forbidden', 'a token cannot outlive the one that it is made with', { path: 'expires' })
  return end ?? limit
}

/** What an identity provider said holds for the login: a token of one's own that ends no later has it too, so that the provider can lock out. */
const claimsOf = ({ name, claims, expires }: Caller, account: string, end: Date | undefined) =>
  account === name && expires && end && end <= expires ? claims : undefined

export const tokenService = ({ store, newId, accessChanged }: Pick<ServiceDeps, 'store' | 'newId' | 'accessChanged'>) => ({
  async list(caller: Caller, user: string | undefined): Promise<PersonalToken[]> {
    return (await store.tokens.list(ownerOf(caller, user, READ))).map(toToken)
  },

  async get(caller: Caller, id: string, user: string | undefined): Promise<PersonalToken> {
    const row = await store.tokens.find(ownerOf(caller, user, READ), id)
    if (!row) throw noSuchToken(id)
    return toToken(row)
  },

  /** A limited token makes no others: they could be less limited, or outlive it. */
  async create(caller: Caller, { name, user, projects, verbs, expires }: PersonalTokenCreate): Promise<NewPersonalToken> {
    const account = ownerOf(caller, user, WRITE)
    assertUnlimited(caller, 'makes no tokens')
    const end = endOf(caller, expires)
    const token = newSecret('token')
    return store.transact(async (inside) => {
      if (!(await inside.users.find(account)))
        throw new DavitError('invalid', `${account} has no account here`, { path: 'user', hint: 'an administrator makes one: davit user create' })
      const row = await inside.tokens.insert({
        id: newId(),
        account,
        name,
        hash: hashOf(token),
        hint: hintOf(token),
        projects,
        verbs,
        expires: end,
        claims: claimsOf(caller, account, end),
      })
      const detail = { name, account, ...(projects && { projects }), ...(verbs && { verbs }), ...(expires !== undefined && { expires }) }
      await inside.audit.write({ by: caller, verb: 'token.create', project: '', entity: 'token', entityId: row.id, detail })
      return { ...toToken(row), token, access_token: token, ...(end && { expires_in: secondsUntil(end) }) }
    })
  },

  /** At once: no server answers to it any more. */
  async delete(caller: Caller, id: string, user: string | undefined): Promise<void> {
    const account = ownerOf(caller, user, WRITE)
    await store.transact(async (inside) => {
      const row = await inside.tokens.delete(account, id)
      if (!row) throw noSuchToken(id)
      await inside.audit.write({ by: caller, verb: 'token.delete', project: '', entity: 'token', entityId: id, detail: { name: row.name, account } })
    })
    accessChanged()
  },
})
