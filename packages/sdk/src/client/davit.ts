import { AccountResource, Admin, Audit, Members, Tokens, Users } from './access.ts'
import { resolveAuthorization, resolveEndpoint } from './endpoint-url.ts'
import { Functions } from './functions.ts'
import { Logs } from './logs.ts'
import type { DavitOptions, Fetch } from './options.ts'
import { Projects } from './projects.ts'
import { Runs } from './runs.ts'
import { Secrets } from './secrets.ts'
import { Server } from './server.ts'
import { Tasks } from './tasks.ts'
import { transport } from './transport.ts'

const TIMEOUT_MS = 60_000
const RETRIES = 2

/**
 * A client of one Davit server: a group of methods for each kind of entity, plain entities in and out. Nothing is sent before the
 * first call. Every failure is a DavitError; every call takes an AbortSignal.
 */
export class Davit {
  /** Without a slash at the end. */
  readonly endpoint: string
  /** What requests are made with: the global `fetch` unless another was given. */
  readonly fetch: Fetch
  readonly projects: Projects
  readonly functions: Functions
  readonly tasks: Tasks
  readonly runs: Runs
  readonly secrets: Secrets
  readonly logs: Logs
  readonly server: Server
  readonly account: AccountResource
  readonly users: Users
  readonly tokens: Tokens
  readonly members: Members
  readonly audit: Audit
  readonly admin: Admin

  /** Throws `invalid` when the endpoint is no http(s) URL. */
  constructor(options: DavitOptions = {}) {
    this.endpoint = resolveEndpoint(options.endpoint)
    this.fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
    const http = transport({
      endpoint: this.endpoint,
      authorization: resolveAuthorization(options),
      fetch: this.fetch,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      retries: options.retries ?? RETRIES,
    })
    this.projects = new Projects(http)
    this.functions = new Functions(http)
    this.tasks = new Tasks(http)
    this.runs = new Runs(http)
    this.secrets = new Secrets(http)
    this.logs = new Logs(http)
    this.server = new Server(http)
    this.account = new AccountResource(http)
    this.users = new Users(http)
    this.tokens = new Tokens(http)
    this.members = new Members(http)
    this.audit = new Audit(http)
    this.admin = new Admin(http)
  }
}
