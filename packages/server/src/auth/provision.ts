import { DavitError } from 'davit/contract'
import type { Repos, Store } from '#store/store.ts'
import type { UserRow } from '#store/users.ts'
import type { External } from './claims.ts'

const taken = (name: string): DavitError =>
  new DavitError('forbidden', `the name ${name} belongs to another account here`, { hint: 'an administrator can free it: davit user rm' })

const insert = async (inside: Repos, { issuer, subject, name }: External, address: string): Promise<UserRow> => {
  const row = await inside.users.insert({ name, kind: 'user', admin: false, issuer, subject })
  if (!row) {
    // Two requests of a new person at once: one makes the account, both have it.
    const made = await inside.users.findSubject(issuer, subject)
    if (made) return made
    throw taken(name)
  }
  await inside.audit.write({
    by: { name, address, proof: { kind: 'provider' } },
    verb: 'user.create',
    project: '',
    entity: 'user',
    entityId: name,
    detail: { issuer },
  })
  return row
}

/**
 * The account of somebody whom the identity provider vouches for, made at the first login. It is found by issuer and subject alone:
 * names can be given to somebody else, and must not open what their first owner had. Throws `forbidden` when the name is taken here.
 */
export const provision = async (store: Store, who: External, address: string): Promise<UserRow> =>
  (await store.users.findSubject(who.issuer, who.subject)) ?? store.transact((inside) => insert(inside, who, address))
