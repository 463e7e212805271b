import type { AttemptStatus, FunctionSpec, Metadata, Metric, ProjectRole, RunSpec, RunState, ServerStatus, TaskSpec } from 'davit/contract'
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'

/** jsonb: an object when read, text when written. */
type Json<T extends object> = JSONColumnType<T>
type JsonOrNull<T extends object> = ColumnType<T | null, string | null, string | null>
/** Set by the database when inserted; the server alone updates it. */
type Stamp = ColumnType<Date, Date | undefined, Date>

/** What every entity's table begins with. `metadata` holds what the client described, without the stamps. */
interface EntityColumns {
  id: string
  kind: string
  name: string
  project: string
  user_name: string
  metadata: Json<Metadata>
  created: Stamp
  updated: Stamp
  updated_by: string
}

export interface ProjectTable extends EntityColumns {
  spec: Json<Record<string, unknown>>
}
export interface FunctionTable extends EntityColumns {
  spec: Json<FunctionSpec>
  extra_status: Json<Record<string, unknown>>
}
export interface TaskTable extends EntityColumns {
  function_ref: string
  spec: Json<TaskSpec>
}
export interface SecretTable extends EntityColumns {
  spec: Json<Record<string, unknown>>
  /** Encrypted; null until a value was set. */
  sealed: Buffer | null
}

export interface RunTable extends EntityColumns {
  action: string
  function_ref: string
  task_ref: string
  spec: Json<RunSpec>
  extensions: Json<unknown[]>
  state: RunState
  status: Json<ServerStatus>
  /** Status keys that clients may set (metrics …). */
  extra_status: Json<Record<string, unknown>>
  /** Counts every change that a client can see. */
  revision: Generated<number>
  /** Nothing left to do: final and cleaned up, or the client's own (local_execution). */
  settled: boolean
  /** When the sweep looks at it again, unless something wakes it before. */
  look_at: Stamp
  lease_owner: string | null
  lease_token: Generated<number>
  lease_until: Date | null
}

export interface TransitionTable {
  run: string
  seq: GeneratedAlways<number>
  state: RunState
  message: string | null
  at: Stamp
}

/** The ledger: one row for each try on the engine, written before the engine is asked. */
export interface AttemptTable {
  run: string
  number: number
  object: string
  uid: string | null
  created: Stamp
  started: Date | null
  ended: Date | null
  outcome: Exclude<AttemptStatus['outcome'], undefined> | null
  exit_code: number | null
  logs_stored: Generated<boolean>
  removed: Generated<boolean>
}

/** One container's stored log: bytes `first` to `bytes` are in log_chunk. */
export interface LogStreamTable {
  run: string
  attempt: number
  container: string
  project: string
  user_name: string
  first: number
  bytes: number
  complete: boolean
  created: Stamp
}
export interface LogChunkTable {
  run: string
  attempt: number
  container: string
  start: number
  data: Buffer
}

export interface AuditTable {
  id: GeneratedAlways<number>
  at: Stamp
  actor: string
  verb: string
  project: string
  entity: string
  entity_id: string
  request_id: string | null
  /** Where the request came from; null for what was written before addresses were kept. */
  address: string | null
  /** How the actor had proved who they are; null: a server did it itself, or it is older than this column. */
  proof: string | null
  /** Id of the personal token that was used. */
  token: string | null
  detail: Json<Record<string, unknown>>
}

export interface RunMetricTable {
  run: string
  name: string
  value: ColumnType<Metric, string, string>
}

export interface SettingTable {
  name: string
  value: string
}

export interface MemberTable {
  id: string
  project: string
  /** A name, not an account: who has not logged in yet can be invited, and without authentication nobody has an account. */
  user_name: string
  role: ProjectRole
  granted_by: string
  created: Stamp
}

export interface ProviderClaims {
  readonly admin: boolean
  readonly roles: Readonly<Record<string, ProjectRole>>
}

/** A person or a program that may call. */
export interface AccountTable {
  name: string
  kind: 'user' | 'service'
  admin: boolean
  /** scrypt; null: no password. */
  password: string | null
  /** Whom the identity provider means: issuer and subject, never a name that may be given again. */
  issuer: string | null
  subject: string | null
  created: Stamp
  last_seen: Date | null
}

/** What an access token may be used for; null: all that its owner may. */
export interface TokenTable {
  id: string
  account: string
  name: string
  hash: Buffer
  /** The first characters, by which its owner knows it. */
  hint: string
  projects: JsonOrNull<string[]>
  verbs: JsonOrNull<string[]>
  /** What the identity provider said at the login that it was made in. */
  claims: JsonOrNull<ProviderClaims>
  created: Stamp
  expires: Date | null
  last_used: Date | null
  last_address: string | null
}

/** A login: of a browser (its cookie), or of a client (a family of refresh tokens). */
export interface SessionTable {
  id: string
  account: string
  kind: 'browser' | 'client'
  /** The personal token that it stands for; it ends with that. */
  token: string | null
  /** What the identity provider said at the login: project → role, and whether admin. Null: none was asked. */
  claims: JsonOrNull<ProviderClaims>
  created: Stamp
  expires: Date
  address: string | null
}

/** Secrets that work once: refresh tokens, authorization codes, logins under way. */
export interface TicketTable {
  hash: Buffer
  kind: 'refresh' | 'code' | 'login'
  session: string | null
  detail: Json<Record<string, string>>
  expires: Date
  used: Date | null
}

export interface LoginFailureTable {
  key: string
  count: number
  last: Stamp
}

export interface SigningKeyTable {
  kid: string
  public_jwk: Json<Record<string, unknown>>
  /** The private half, encrypted. */
  sealed: Buffer
  created: Stamp
  /** Signs no more since. */
  retired: Date | null
}

export interface DB {
  member: MemberTable
  account: AccountTable
  token: TokenTable
  session: SessionTable
  ticket: TicketTable
  login_failure: LoginFailureTable
  signing_key: SigningKeyTable
  project: ProjectTable
  function: FunctionTable
  task: TaskTable
  secret: SecretTable
  run: RunTable
  transition: TransitionTable
  attempt: AttemptTable
  log_stream: LogStreamTable
  log_chunk: LogChunkTable
  audit: AuditTable
  run_metric: RunMetricTable
  setting: SettingTable
}
