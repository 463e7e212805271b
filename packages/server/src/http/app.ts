import { randomUUID } from 'node:crypto'
import { api, API_LEVEL } from 'davit/contract'
import { openapiDocument } from 'davit/openapi'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Histogram } from 'prom-client'
import type { Auth } from '#auth/auth.ts'
import type { Services } from '#service/services.ts'
import { baseOf, parseForms } from './auth-base.ts'
import { authorizeRoutes } from './auth-authorize.ts'
import { authenticator, everybody } from './auth-caller.ts'
import { type Limits, requestLimits } from './auth-limits.ts'
import { loginRoutes } from './auth-login.ts'
import { accountRoutes, adminRoutes, auditRoutes, memberRoutes, refreshTokenRoutes, tokenRoutes, userRoutes } from './auth-routes.ts'
import { tokenRoutes as tokenEndpointRoutes } from './auth-token.ts'
import { type Authenticate, bind } from './bind.ts'
import { parseBodies } from './body.ts'
import { everywhereRoutes, foreignRoutes, metricRoutes, relatedRoutes, schemaRoutes, searchRoutes, shareRoutes, usageRoutes } from './compat-routes.ts'
import { docsPage } from './docs.ts'
import { answerBrokenRequest, answerError, handleErrors } from './errors.ts'
import { assertOrigin, guardLoopback } from './guard.ts'
import { type HealthDeps, healthRoutes } from './health.ts'
import { refuseMethods } from './methods.ts'
import { addWebSockets, notificationRoutes } from './notifications.ts'
import { tellRefusals } from './refusals.ts'
import { functionRoutes, logRoutes, projectRoutes, runRoutes, secretRoutes, serverRoutes, taskRoutes } from './routes.ts'
import { addSecurity } from './security.ts'
import { wellKnownRoutes } from './well-known.ts'

export interface AppDeps extends HealthDeps {
  readonly services: Services
  readonly logger: FastifyBaseLogger
  readonly version: string
  readonly auth: Auth
  /** Nobody has to log in: whoever reaches this server is its administrator. */
  readonly open: boolean
  /** Whose pages may call from a browser. */
  readonly corsOrigins: readonly string[]
  /** Proxies whose word counts for who asks and under which name: addresses and networks. */
  readonly trustedProxies: readonly string[]
  /** Names of the profiles that a run may ask for. */
  readonly profiles: readonly string[]
  /** Bytes. */
  readonly bodyLimit: number
  /** A request that has not arrived whole after this long, in ms, is cut. Default 30 s. */
  readonly requestTimeoutMs?: number
  /** Seconds per request, by method, route and status. */
  readonly duration: Histogram<'method' | 'route' | 'status'>
}

/** A body that never ends holds nobody up. */
const REQUEST_TIMEOUT_MS = 30_000

function addHeaders(app: FastifyInstance, { version, duration }: AppDeps): void {
  app.addHook('onSend', async (request, reply) => {
    void reply.headers({ 'x-request-id': request.id, 'x-api-version': version, 'x-api-level': String(API_LEVEL) })
  })
  app.addHook('onResponse', async (request, reply) => {
    duration.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1000)
  })
}

function bindAll(app: FastifyInstance, services: Services, authenticate: Authenticate): void {
  bind(app, { group: api.projects, handlers: projectRoutes(services), authenticate })
  bind(app, { group: api.functions, handlers: functionRoutes(services), authenticate })
  bind(app, { group: api.tasks, handlers: taskRoutes(services), authenticate })
  bind(app, { group: api.runs, handlers: runRoutes(services), authenticate })
  bind(app, { group: api.logs, handlers: logRoutes(services), authenticate })
  bind(app, { group: api.secrets, handlers: secretRoutes(services), authenticate })
  bind(app, { group: api.server, handlers: serverRoutes(services), authenticate })
  bind(app, { group: api.shares, handlers: shareRoutes(services), authenticate })
  bind(app, { group: api.metrics, handlers: metricRoutes(services), authenticate })
  bind(app, { group: api.search, handlers: searchRoutes(services), authenticate })
  bind(app, { group: api.schemas, handlers: schemaRoutes(services), authenticate })
  bind(app, { group: api.related, handlers: relatedRoutes(services), authenticate })
  bind(app, { group: api.usage, handlers: usageRoutes(services), authenticate })
  bind(app, { group: api.everywhere, handlers: everywhereRoutes(services), authenticate })
  bind(app, { group: api.foreign, handlers: foreignRoutes(services), authenticate })
  bind(app, { group: api.account, handlers: accountRoutes(services), authenticate })
  bind(app, { group: api.users, handlers: userRoutes(services), authenticate })
  bind(app, { group: api.tokens, handlers: tokenRoutes(services), authenticate })
  bind(app, { group: api.refreshTokens, handlers: refreshTokenRoutes(services), authenticate })
  bind(app, { group: api.members, handlers: memberRoutes(services), authenticate })
  bind(app, { group: api.audit, handlers: auditRoutes(services), authenticate })
  bind(app, { group: api.admin, handlers: adminRoutes(services), authenticate })
}

/** Where people and programs prove who they are. */
async function bindAuth(app: FastifyInstance, deps: { readonly auth: Auth; readonly limits: Limits; readonly authenticate: Authenticate }): Promise<void> {
  await app.register(async (scope) => {
    parseForms(scope)
    tokenEndpointRoutes(scope, deps)
    loginRoutes(scope, deps)
    authorizeRoutes(scope, deps)
  })
}

/** The whole HTTP side, not yet listening. */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = deps
  const app: FastifyInstance = Fastify({
    loggerInstance: deps.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: deps.bodyLimit,
    requestTimeout: requestTimeoutMs,
    // Node exchanges the two timeouts when the one for the headers is the longer, as its default of 60 s would be.
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 4) },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    clientErrorHandler: answerBrokenRequest,
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 512 },
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
  })
  // Node would refuse expectations it does not know by itself, in no words of ours; they may as well be ignored.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  parseBodies(app)
  handleErrors(app)
  await addWebSockets(app)
  if (deps.open) guardLoopback(app, deps.corsOrigins)
  await addSecurity(app, { corsOrigins: deps.corsOrigins, secure: deps.auth.settings.publicUrl?.startsWith('https:') ?? false })
  addHeaders(app, deps)
  refuseMethods(app)
  const limits = await requestLimits(app, deps.auth.settings)
  const authenticate = deps.open ? everybody : tellRefusals(app, { refusals: deps.services.refusals, authenticate: authenticator(deps.auth, limits) })
  healthRoutes(app, { ...deps, ...(!deps.open && { authenticate }) })
  wellKnownRoutes(app, { ...deps, authenticate })
  await bindAuth(app, { auth: deps.auth, limits, authenticate })
  const document = JSON.stringify(openapiDocument({ version: deps.version }))
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(document))
  await docsPage(app, document)
  notificationRoutes(app, {
    notifications: deps.services.notifications,
    authenticate,
    assertOrigin: (request) => assertOrigin(request, { base: baseOf(deps.auth, request), origins: deps.corsOrigins }),
  })
  bindAll(app, deps.services, authenticate)
  return app
}
