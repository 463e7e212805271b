import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { assertMay } from '#service/access.ts'
import type { Authenticate } from './bind.ts'

export interface HealthDeps {
  readonly metrics: Registry
  /** Answers when the database does; rejects otherwise. */
  readonly ready: () => Promise<unknown>
  /** Who may read the metrics has to prove who they are; absent: everybody may. */
  readonly authenticate?: Authenticate
}

/** Alive: this process answers. Ready: it can do its work. Neither needs to know who asks; metrics do. */
export function healthRoutes(app: FastifyInstance, { metrics, ready, authenticate }: HealthDeps): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    try {
      await ready()
      return { status: 'ready' }
    } catch {
      return reply.status(503).send({ status: 'not ready', reason: 'the database does not answer' })
    }
  })
  app.get('/metrics', async (request, reply) => {
    if (authenticate) assertMay(await authenticate(request), 'server.read')
    return reply.type(metrics.contentType).send(await metrics.metrics())
  })
}
