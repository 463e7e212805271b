import { API_LEVEL } from 'davit/contract'
import type { FastifyInstance } from 'fastify'

/** What official clients ask before anything else. Without authentication everybody is the administrator. */
export function wellKnownRoutes(app: FastifyInstance, { version }: { version: string }): void {
  app.get('/.well-known/configuration', async (request) => ({
    dhcore_endpoint: `${request.protocol}://${request.host}`,
    dhcore_name: 'davit',
    dhcore_version: version,
    dhcore_api_level: String(API_LEVEL),
    dhcore_api_version: 'v1',
    dhcore_authentication_methods: [],
    dhcore_client_id: 'davit',
    k8s_resource_profiles: [],
  }))
  app.route({ method: ['GET', 'POST'], url: '/api/auth', handler: async () => ({ username: 'anonymous', permissions: ['ROLE_USER', 'ROLE_ADMIN'] }) })
}
