import * as z from 'zod'
import {
  Account,
  AuditEntry,
  KeyRotation,
  Member,
  MemberRole,
  NewPersonalToken,
  PasswordChange,
  PersonalToken,
  PersonalTokenCreate,
  RefreshToken,
  User,
  UserChange,
  UserCreate,
} from './account.ts'
import { endpoint } from './endpoint.ts'
import { Nothing } from './nothing.ts'
import { pageOf, pageQuery } from './page.ts'

const { page, size } = pageQuery

const account = {
  get: endpoint({ method: 'GET', path: '/api/v1/account', summary: 'Who calls, and what that opens', returns: Account }),
  logout: endpoint({ method: 'DELETE', path: '/api/v1/account/login', summary: 'End the login that this call is made with', returns: Nothing }),
} as const

const users = {
  list: endpoint({ method: 'GET', path: '/api/v1/users', summary: 'List users and service accounts', returns: z.array(User) }),
  create: endpoint({ method: 'POST', path: '/api/v1/users', summary: 'Create a user or service account', body: UserCreate, returns: User }),
  get: endpoint({ method: 'GET', path: '/api/v1/users/:user', summary: 'Read a user', returns: User }),
  setPassword: endpoint({
    method: 'PUT',
    path: '/api/v1/users/:user/password',
    summary: "Set a user's password; other logins of that user end",
    body: PasswordChange,
    returns: Nothing,
  }),
  update: endpoint({
    method: 'PUT',
    path: '/api/v1/users/:user',
    summary: 'Make a user an administrator, or no longer one',
    body: UserChange,
    returns: User,
  }),
  delete: endpoint({ method: 'DELETE', path: '/api/v1/users/:user', summary: 'Delete a user with tokens, logins and memberships', returns: Nothing }),
} as const

const ofUser = { user: z.string().optional() } as const

const tokens = {
  list: endpoint({
    method: 'GET',
    path: '/api/v1/tokens/personal',
    summary: 'List personal access tokens, without their secrets',
    query: z.looseObject({ ...pageQuery, ...ofUser }),
    returns: pageOf(PersonalToken),
  }),
  create: endpoint({
    method: 'POST',
    path: '/api/v1/tokens/personal',
    summary: 'Create a personal access token; only this answer holds its secret',
    body: PersonalTokenCreate,
    returns: NewPersonalToken,
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/v1/tokens/personal/:id',
    summary: 'Read a personal access token',
    query: z.looseObject(ofUser),
    returns: PersonalToken,
  }),
  delete: endpoint({
    method: 'DELETE',
    path: '/api/v1/tokens/personal/:id',
    summary: 'Revoke a personal access token and every login that stands for it',
    query: z.looseObject(ofUser),
    returns: Nothing,
  }),
} as const

const refreshTokens = {
  list: endpoint({
    method: 'GET',
    path: '/api/v1/tokens/refresh',
    summary: "List the caller's logins that clients renew by refresh tokens",
    query: z.looseObject(pageQuery),
    returns: pageOf(RefreshToken),
  }),
  delete: endpoint({ method: 'DELETE', path: '/api/v1/tokens/refresh/:id', summary: 'End a login: its tokens open nothing any more', returns: Nothing }),
} as const

const P = '/api/v1/-/:project'

const members = {
  list: endpoint({ method: 'GET', path: `${P}/members`, summary: 'List the members of a project', returns: z.array(Member) }),
  put: endpoint({ method: 'PUT', path: `${P}/members/:user`, summary: 'Give a user a role in a project', body: MemberRole, returns: Member }),
  delete: endpoint({ method: 'DELETE', path: `${P}/members/:user`, summary: 'Take a user out of a project', returns: Nothing }),
} as const

const time = z.iso.datetime({ offset: true }).optional()

const audit = {
  list: endpoint({
    method: 'GET',
    path: '/api/v1/audit',
    summary: 'Who did what, newest first: of a project, or of the whole server',
    query: z.looseObject({
      page,
      size,
      project: z.string().optional(),
      user: z.string().optional(),
      verb: z.string().optional(),
      entity: z.string().optional(),
      token: z.string().optional(),
      since: time,
      until: time,
    }),
    returns: pageOf(AuditEntry),
  }),
} as const

const admin = {
  rotateKeys: endpoint({
    method: 'POST',
    path: '/api/v1/admin/rotate-keys',
    summary: 'Put all secrets under a new key, and sign tokens with a new one',
    returns: KeyRotation,
  }),
} as const

/** Who may call, and what they did. */
export const authApi = { account, users, tokens, refreshTokens, members, audit, admin } as const
