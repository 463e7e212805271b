import { randomUUID } from 'node:crypto'
import { api, API_LEVEL } from 'davit/contract'
import { openapiDocument } from 'davit/openapi'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Histogram } from 'prom-client'
import type { Services } from '#service/services.ts'
import { type Authenticate, bind } from './bind.ts'
import { parseBodies } from './body.ts'
import { everywhereRoutes, foreignRoutes, metricRoutes, schemaRoutes, searchRoutes, shareRoutes } from './compat-routes.ts'
import { docsPage } from './docs.ts'
import { answerBrokenRequest, answerError, handleErrors } from './errors.ts'
import { guardLoopback } from './guard.ts'
import { type HealthDeps, healthRoutes } from './health.ts'
import { notificationRoutes } from './notifications.ts'
import { functionRoutes, logRoutes, projectRoutes, runRoutes, secretRoutes, serverRoutes, taskRoutes } from './routes.ts'
import { wellKnownRoutes } from './well-known.ts'

export interface AppDeps extends HealthDeps {
  readonly services: Services
  readonly logger: FastifyBaseLogger
  readonly version: string
  readonly authenticate: Authenticate
  /** Bytes. */
  readonly bodyLimit: number
  /** A request that has not arrived whole after this long, in ms, is cut. Default 30 s. */
  readonly requestTimeoutMs?: number
  /** Seconds per request, by method, route and status. */
  readonly duration: Histogram<'method' | 'route' | 'status'>
}

/** A body that never ends holds nobody up. */
const REQUEST_TIMEOUT_MS = 30_000

const SECURITY_HEADERS = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' } as const

function addHeaders(app: FastifyInstance, { version, duration }: AppDeps): void {
  app.addHook('onSend', async (request, reply) => {
    void reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id, 'x-api-version': version, 'x-api-level': String(API_LEVEL) })
  })
  app.addHook('onResponse', async (request, reply) => {
    duration.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1000)
  })
}

function bindAll(app: FastifyInstance, { services, authenticate }: AppDeps): void {
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
  bind(app, { group: api.everywhere, handlers: everywhereRoutes(services), authenticate })
  bind(app, { group: api.foreign, handlers: foreignRoutes(services), authenticate })
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
  })
  parseBodies(app)
  handleErrors(app)
  guardLoopback(app)
  addHeaders(app, deps)
  healthRoutes(app, deps)
  wellKnownRoutes(app, deps)
  const document = JSON.stringify(openapiDocument({ version: deps.version }))
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(document))
  await docsPage(app, document)
  await notificationRoutes(app, { notifications: deps.services.notifications, authenticate: deps.authenticate })
  bindAll(app, deps)
  return app
}
