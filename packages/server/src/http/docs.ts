import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** The API's description as a page at /docs, served from this server alone. `document` is the OpenAPI text. */
export async function docsPage(app: FastifyInstance, document: string): Promise<void> {
  await app.register(swagger, { mode: 'static', specification: { document: JSON.parse(document) } })
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'none' } })
}
