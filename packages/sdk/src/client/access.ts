import type * as z from 'zod'
import type {
  Account,
  AuditEntry,
  KeyRotation,
  Member,
  NewPersonalToken,
  PersonalToken,
  PersonalTokenCreate,
  User,
  UserChange,
  UserCreate,
} from '#contract/account.ts'
import { api } from '#contract/endpoints.ts'
import type { ProjectRole } from '#contract/roles.ts'
import type { Known } from './known.ts'
import type { CallOptions } from './options.ts'
import { listOf } from './list.ts'
import { Pages, type Paging } from './pages.ts'
import { deletedBefore, Resource } from './resource.ts'

export type UserInput = Known<z.input<typeof UserCreate>>
export type TokenInput = Known<z.input<typeof PersonalTokenCreate>>

/** Whose tokens are meant; other people's only for administrators. Default: one's own. */
export interface TokenOptions extends CallOptions {
  readonly user?: string | undefined
}

/** `/api/v1/account`: who calls. */
export class AccountResource extends Resource {
  /** Name, roles and limits of what this client shows. Throws `unauthenticated`. */
  get(options?: CallOptions): Promise<Account> {
    return this.call(api.account.get, { params: {}, options })
  }

  /** Ends the login: the access token, or the personal token itself, opens nothing any more. */
  async logout(options?: CallOptions): Promise<void> {
    await this.call(api.account.logout, { params: {}, options })
  }
}

/** `/api/v1/users`: people and service accounts; for administrators. */
export class Users extends Resource {
  list(options?: CallOptions): Promise<User[]> {
    return this.call(api.users.list, { params: {}, options })
  }

  get(user: string, options?: CallOptions): Promise<User> {
    return this.call(api.users.get, { params: { user }, options })
  }

  /** Throws `duplicate` when the name is taken. */
  create(body: UserInput, options?: CallOptions): Promise<User> {
    return this.call(api.users.create, { params: {}, body, options })
  }

  /** Throws `conflict` where no administrator would be left. */
  update(user: string, body: Known<UserChange>, options?: CallOptions): Promise<User> {
    return this.call(api.users.update, { params: { user }, body, options })
  }

  /** One's own needs the current one, if there is one. */
  async setPassword(
    user: string,
    { password, current }: { readonly password: string; readonly current?: string | undefined },
    options?: CallOptions,
  ): Promise<void> {
    await this.call(api.users.setPassword, { params: { user }, body: { password, ...(current !== undefined && { current }) }, options })
  }

  /** With tokens, logins and memberships. */
  async delete(user: string, options?: CallOptions): Promise<void> {
    await this.call(api.users.delete, { params: { user }, options, recover: deletedBefore })
  }
}

/** `/api/v1/tokens/personal` */
export class Tokens extends Resource {
  list({ user, ...options }: TokenOptions = {}): Pages<PersonalToken> {
    return listOf({ read: (query) => this.call(api.tokens.list, { params: {}, query: { ...query, user }, options }), filters: {} })
  }

  get(id: string, { user, ...options }: TokenOptions = {}): Promise<PersonalToken> {
    return this.call(api.tokens.get, { params: { id }, query: { user }, options })
  }

  /** The answer holds the secret; nothing gives it again. */
  create(body: TokenInput, options?: CallOptions): Promise<NewPersonalToken> {
    return this.call(api.tokens.create, { params: {}, body, options })
  }

  /** It opens nothing any more, and neither does any login that was made with it. */
  async revoke(id: string, { user, ...options }: TokenOptions = {}): Promise<void> {
    await this.call(api.tokens.delete, { params: { id }, query: { user }, options, recover: deletedBefore })
  }
}

/** `/api/v1/-/{project}/members` */
export class Members extends Resource {
  list(project: string, options?: CallOptions): Promise<Member[]> {
    return this.call(api.members.list, { params: { project }, options })
  }

  /** Gives a role, or changes it. */
  put(project: string, { user, role }: { readonly user: string; readonly role: ProjectRole }, options?: CallOptions): Promise<Member> {
    return this.call(api.members.put, { params: { project, user }, body: { role }, options })
  }

  async remove(project: string, user: string, options?: CallOptions): Promise<void> {
    await this.call(api.members.delete, { params: { project, user }, options })
  }
}

/** All given must hold. Without a project: of the whole server, for administrators. */
export interface AuditFilters extends Omit<Paging, 'sort'> {
  readonly project?: string | undefined
  readonly user?: string | undefined
  /** One verb, or all of a noun: `run.stop`, `run`. */
  readonly verb?: string | undefined
  /** Id of an entity. */
  readonly entity?: string | undefined
  /** Id of the personal token that it was done with. */
  readonly token?: string | undefined
  /** ISO times. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** `/api/v1/audit` */
export class Audit extends Resource {
  /** Newest first. */
  list(filters: AuditFilters = {}, options?: CallOptions): Pages<AuditEntry> {
    return new Pages(async (paging) => {
      const page = await this.call(api.audit.list, { params: {}, query: { ...filters, ...paging }, options })
      return { ...page, content: page.content.map((item) => ({ id: String(item.id), item })) }
    }, filters)
  }
}

/** `/api/v1/admin` */
export class Admin extends Resource {
  /** Puts all secrets under a new key, and signs tokens with a new one. */
  rotateKeys(options?: CallOptions): Promise<KeyRotation> {
    return this.call(api.admin.rotateKeys, { params: {}, options })
  }
}
