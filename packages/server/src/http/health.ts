import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'

export interface HealthDeps {
  readonly metrics: Registry
  /** Answers when the database does; rejects otherwise. */
  readonly ready: () => Promise<unknown>
}

/** Alive: this process answers. Ready: it can do its work. Neither needs to know who asks. */
export function healthRoutes(app: FastifyInstance, { metrics, ready }: HealthDeps): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    try {
      await ready()
      return { status: 'ready' }
    } catch {
      return reply.status(503).send({ status: 'not ready', reason: 'the database does not answer' })
    }
  })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
}
