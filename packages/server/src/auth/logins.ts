import { randomUUID } from 'node:crypto'
import { DavitError } from 'davit/contract'
import type { SessionRow } from '#store/sessions.ts'
import type { Store } from '#store/store.ts'
import { inSeconds, LIFETIME_S } from './lifetimes.ts'
import { hashOf, newSecret } from './secret-text.ts'
import type { Signing } from './signing.ts'

/** Clients are programs of people who log in themselves; all go by this one name. */
export const CLIENT_ID = 'davit'

export interface NewLogin {
  readonly account: string
  /** The personal token that it stands for, whose limits and end it shares. */
  readonly token?: { readonly id: string; readonly expires: Date | null } | undefined
  /** What the identity provider said; then the login is short. */
  readonly claims?: SessionRow['claims'] | undefined
  /** When the provider was asked, if not now: what it said holds for a day from then on. */
  readonly asked?: Date | undefined
  readonly address: string
}

export interface Tokens {
  readonly access: string
  readonly refresh: string | undefined
  readonly identity: string | undefined
  readonly expiresInS: number
}

export interface IssueOptions {
  readonly issuer: string
  readonly address: string
  readonly withRefresh: boolean
  /** Also tell the client who it is. */
  readonly openid?: { readonly nonce: string | undefined } | undefined
}

export interface LoginDeps {
  readonly store: Store
  readonly signing: Signing
  readonly now: () => Date
  /** Who may what has changed. */
  readonly accessChanged: () => void
}

const earliest = (...dates: readonly (Date | null | undefined)[]): Date => new Date(Math.min(...dates.flatMap((date) => (date ? [date.getTime()] : []))))

interface Ended {
  readonly session: string
  readonly address: string
  readonly verb: 'login.close' | 'login.reused'
  readonly detail: Record<string, unknown>
}

const endLogin = (store: Store, { session, address, verb, detail }: Ended): Promise<void> =>
  store.transact(async (inside) => {
    const closed = await inside.sessions.close(session)
    if (!closed) return
    const by = { name: closed.account, address, proof: { kind: closed.kind === 'client' ? 'session' : closed.kind, token: closed.token ?? undefined } }
    await inside.audit.write({ by, verb, project: '', entity: 'user', entityId: closed.account, detail })
  })

/** What works once and comes a second time was stolen, from us or by us: the login that it belongs to ends. */
async function endReused(
  { store, accessChanged }: Pick<LoginDeps, 'store' | 'accessChanged'>,
  { kind, hash, address }: { kind: 'code' | 'refresh'; hash: Buffer; address: string },
): Promise<void> {
  const used = await store.sessions.findUsed(kind, hash)
  if (!used?.session) return
  await endLogin(store, { session: used.session, address, verb: 'login.reused', detail: { kind } })
  accessChanged()
}

/** Authorization codes of a login. */
const codes = ({ store, now, accessChanged }: Omit<LoginDeps, 'signing'>) => ({
  /** A code that a client changes for tokens, once. */
  async code(session: string, detail: Readonly<Record<string, string>>): Promise<string> {
    const code = newSecret('code')
    await store.sessions.issue({ hash: hashOf(code), kind: 'code', session, detail, expires: inSeconds(now(), LIFETIME_S.code) })
    return code
  },

  /** Session and detail of a code; undefined: not good. One that comes a second time ends the login that it opened. */
  async redeemCode(code: string, address: string): Promise<{ readonly session: string; readonly detail: Readonly<Record<string, string>> } | undefined> {
    const hash = hashOf(code)
    const ticket = await store.sessions.redeem('code', hash)
    if (ticket?.session) return { session: ticket.session, detail: ticket.detail }
    await endReused({ store, accessChanged }, { kind: 'code', hash, address })
    return undefined
  },
})

/** Logins that go on: of browsers, by cookie; of clients, by access tokens that are renewed. */
export const logins = ({ store, signing, now, accessChanged }: LoginDeps) => {
  const open = async (
    { account, token, claims, asked = now(), address }: NewLogin,
    kind: SessionRow['kind'],
    longestS: number,
  ): Promise<{ id: string; secret: string }> => {
    const secret = newSecret('browser')
    // A browser shows the secret, so the row has its hash; a client shows a signed token with the id in it.
    const id = kind === 'browser' ? hashOf(secret).toString('base64url') : randomUUID()
    const expires = earliest(inSeconds(now(), longestS), claims && inSeconds(asked, LIFETIME_S.provider), token?.expires)
    await store.transact(async (inside) => {
      await inside.sessions.open({ id, account, kind, token: token?.id, claims: claims ?? null, expires, address })
      const by = { name: account, address, ...(token && { proof: { kind: 'token', token: token.id } }) }
      await inside.audit.write({ by, verb: 'login.open', project: '', entity: 'user', entityId: account, detail: { kind } })
    })
    return { id, secret }
  }

  /** Access and, where asked for, refresh token of a login. Throws `unauthenticated` when it has ended. */
  const issue = async (session: string, { issuer, withRefresh, openid }: IssueOptions): Promise<Tokens> => {
    const row = await store.sessions.find(session)
    const leftS = row ? Math.floor((row.expires.getTime() - now().getTime()) / 1000) : 0
    if (!row || leftS <= 0) throw new DavitError('unauthenticated', 'the login has ended')
    const ttlS = Math.min(LIFETIME_S.access, leftS)
    const refresh = withRefresh ? newSecret('refresh') : undefined
    if (refresh !== undefined) await store.sessions.issue({ hash: hashOf(refresh), kind: 'refresh', session, detail: {}, expires: row.expires })
    return {
      access: await signing.access(session, { subject: row.account, issuer, ttlS, client: CLIENT_ID }),
      refresh,
      identity: openid && (await signing.identity({ subject: row.account, issuer, client: CLIENT_ID, nonce: openid.nonce })),
      expiresInS: ttlS,
    }
  }

  return {
    /** A browser's login; gives what goes into its cookie. */
    openBrowser: async (login: NewLogin): Promise<string> => (await open(login, 'browser', LIFETIME_S.browser)).secret,

    /** A client's login; gives its id. */
    openClient: async (login: NewLogin, longestS: number = LIFETIME_S.refresh): Promise<string> => (await open(login, 'client', longestS)).id,

    issue,

    /**
     * New tokens for a refresh token, which is used up by that. One that comes a second time was stolen, from us or by us: the whole
     * login ends, and whoever else uses it has to log in again. Undefined: not good.
     */
    async refresh(token: string, options: IssueOptions): Promise<Tokens | undefined> {
      const hash = hashOf(token)
      const ticket = await store.sessions.redeem('refresh', hash)
      if (ticket?.session) return issue(ticket.session, options)
      await endReused({ store, accessChanged }, { kind: 'refresh', hash, address: options.address })
      return undefined
    },

    ...codes({ store, now, accessChanged }),

    /** A browser logs out. */
    async close(session: string, address: string): Promise<void> {
      await endLogin(store, { session, address, verb: 'login.close', detail: { kind: 'browser' } })
      accessChanged()
    },
  }
}
export type Logins = ReturnType<typeof logins>
