import * as z from 'zod'
import { ProjectName } from './name.ts'
import { ProjectRole, VerbPattern } from './roles.ts'

const Time = z.iso.datetime({ offset: true })

/** Names that mean nobody in particular. */
const RESERVED = ['anonymous', 'server']

/** What a person or a program is called: also mail addresses. */
export const UserName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-zA-Z0-9._@+-]+$/, 'must hold only letters, digits and . _ @ + -')
  .refine((name) => !RESERVED.includes(name), 'is a reserved name')
  .meta({ id: 'UserName' })

/** A person, or a program (`service`), that may call. */
export const User = z
  .looseObject({
    name: z.string(),
    kind: z.enum(['user', 'service']),
    admin: z.boolean(),
    has_password: z.boolean(),
    /** The identity provider that vouches for it. */
    provider: z.string().optional(),
    created: Time,
    last_seen: Time.optional(),
  })
  .meta({ id: 'User' })
export type User = z.infer<typeof User>

export const UserCreate = z
  .looseObject({ name: UserName, kind: z.enum(['user', 'service']).default('user'), admin: z.boolean().default(false), password: z.string().optional() })
  .meta({ id: 'UserCreate' })
export type UserCreate = z.infer<typeof UserCreate>

/** `current` is needed by everybody but administrators. */
/** What an administrator may change about an account. */
export const UserChange = z.looseObject({ admin: z.boolean() }).meta({ id: 'UserChange' })
export type UserChange = z.infer<typeof UserChange>

export const PasswordChange = z.looseObject({ password: z.string(), current: z.string().optional() }).meta({ id: 'PasswordChange' })
export type PasswordChange = z.infer<typeof PasswordChange>

const tokenLimits = {
  /** Only in these projects. */
  projects: z.array(ProjectName).min(1).max(100).optional(),
  /** Only these verbs: `run.read`, `run.*`, `*.read`. */
  verbs: z.array(VerbPattern).min(1).max(100).optional(),
  /** ISO time; absent: until it is revoked. */
  expires: Time.optional(),
} as const

/** A personal access token, without its secret. */
export const PersonalToken = z
  .looseObject({
    id: z.string(),
    name: z.string(),
    user: z.string(),
    /** How the secret begins. */
    hint: z.string(),
    ...tokenLimits,
    created: Time,
    last_used: Time.optional(),
    last_address: z.string().optional(),
    /** The same times in the console's words. */
    issuedAt: Time,
    expiresAt: Time.optional(),
  })
  .meta({ id: 'PersonalToken' })
export type PersonalToken = z.infer<typeof PersonalToken>

/** `user`: for whom, if not for the caller; administrators only. */
export const PersonalTokenCreate = z
  .looseObject({ name: z.string().min(1).max(128), user: z.string().optional(), ...tokenLimits })
  .meta({ id: 'PersonalTokenCreate' })
export type PersonalTokenCreate = z.infer<typeof PersonalTokenCreate>

/** The one answer that holds the secret: also in OAuth's words, which the console shows. `expires_in`: seconds; absent where it does not end. */
export const NewPersonalToken = z
  .looseObject({ ...PersonalToken.shape, token: z.string(), access_token: z.string(), expires_in: z.int().optional() })
  .meta({ id: 'NewPersonalToken' })
export type NewPersonalToken = z.infer<typeof NewPersonalToken>

/** A login that a client renews by refresh tokens; `token`: the personal token that it stands for. */
export const RefreshToken = z
  .looseObject({ id: z.string(), user: z.string(), token: z.string().optional(), ipAddress: z.string().optional(), issuedAt: Time, expiresAt: Time })
  .meta({ id: 'RefreshToken' })
export type RefreshToken = z.infer<typeof RefreshToken>

export const Member = z.looseObject({ user: z.string(), role: ProjectRole, granted_by: z.string(), created: Time }).meta({ id: 'Member' })
export type Member = z.infer<typeof Member>

export const MemberRole = z.looseObject({ role: ProjectRole }).meta({ id: 'MemberRole' })
export type MemberRole = z.infer<typeof MemberRole>

/** Who calls, how that was proven, and what it opens. */
export const Account = z
  .looseObject({
    name: z.string(),
    admin: z.boolean(),
    /** `none`: the server asks nobody. */
    proof: z.enum(['none', 'password', 'token', 'session', 'browser', 'provider']),
    /** The personal token that was used, or that the login stands for. */
    token: z.string().optional(),
    expires: Time.optional(),
    memberships: z.record(z.string(), ProjectRole),
    scope: z.looseObject({ projects: z.array(z.string()).optional(), verbs: z.array(z.string()).optional() }).optional(),
  })
  .meta({ id: 'Account' })
export type Account = z.infer<typeof Account>

/** Who did what, when, on which request, from where, and by which proof (the id of a personal token, where one was used). `detail` holds what was before and after, without secrets. */
export const AuditEntry = z
  .looseObject({
    id: z.int(),
    at: Time,
    user: z.string(),
    verb: z.string(),
    project: z.string().optional(),
    entity: z.string(),
    entity_id: z.string(),
    request_id: z.string().optional(),
    address: z.string().optional(),
    proof: z.string().optional(),
    token: z.string().optional(),
    detail: z.looseObject({}),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof AuditEntry>

/** What a rotation did: all secrets are under the key of this id now. */
export const KeyRotation = z
  .looseObject({ key_id: z.string(), renewed: z.boolean(), secrets: z.int(), signing_keys: z.int(), signing_key_id: z.string() })
  .meta({ id: 'KeyRotation' })
export type KeyRotation = z.infer<typeof KeyRotation>
