import { API_LEVEL } from 'davit/contract'
import type { FastifyInstance } from 'fastify'
import type { Auth } from '#auth/auth.ts'
import { CLIENT_ID } from '#auth/logins.ts'
import { GRANTS } from '#auth/token-grants.ts'
import type { Caller } from '#service/access.ts'
import { baseOf } from './auth-base.ts'
import type { Authenticate } from './bind.ts'

export interface WellKnownDeps {
  readonly version: string
  readonly auth: Auth
  /** Nobody has to log in. */
  readonly open: boolean
  readonly authenticate: Authenticate
  /** Names of the profiles that a run may ask for. */
  readonly profiles: readonly string[]
}

const methodsOf = ({ ways, provider }: Auth['settings']): readonly string[] => [
  ...(ways.basic ? ['basic'] : []),
  ...(ways.bearer ? ['jwt', 'pat'] : []),
  ...(provider ? ['oidc'] : []),
]

/** The reference's words: of the server, then of each project. */
const permissionsOf = ({ admin, memberships }: Caller): readonly string[] => [
  'ROLE_USER',
  ...(admin ? ['ROLE_ADMIN'] : []),
  ...[...memberships].flatMap(([project, role]) => [`${project}:ROLE_USER`, ...(role === 'owner' ? [`${project}:ROLE_ADMIN`] : [])]),
]

/** OpenID Connect's and OAuth's own description of a server. */
const describeOAuth = (base: string) => ({
  issuer: base,
  jwks_uri: `${base}/auth/jwks`,
  authorization_endpoint: `${base}/auth/authorize`,
  token_endpoint: `${base}/auth/token`,
  userinfo_endpoint: `${base}/auth/userinfo`,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: Object.keys(GRANTS),
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
  scopes_supported: ['openid', 'profile', 'credentials', 'offline_access'],
})

/** What official clients ask before anything else; it needs no login, and is there where nobody has to log in too. */
export function wellKnownRoutes(app: FastifyInstance, { version, auth, open, authenticate, profiles }: WellKnownDeps): void {
  app.get('/.well-known/configuration', async (request) => {
    const base = baseOf(auth, request)
    return {
      dhcore_endpoint: base,
      dhcore_name: 'davit',
      dhcore_version: version,
      dhcore_api_level: String(API_LEVEL),
      dhcore_api_version: 'v1',
      dhcore_authentication_methods: open ? [] : methodsOf(auth.settings),
      dhcore_realm: 'davit',
      dhcore_client_id: CLIENT_ID,
      ...(!open && { dhcore_issuer: base, oauth2_issuer: base, oauth2_token_endpoint: `${base}/auth/token` }),
      k8s_resource_profiles: profiles,
    }
  })
  for (const url of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])
    app.get(url, async (request) => describeOAuth(baseOf(auth, request)))
  app.route({
    method: ['GET', 'POST'],
    url: '/api/auth',
    handler: async (request) => {
      const caller = await authenticate(request)
      return { username: caller.name, permissions: permissionsOf(caller) }
    },
  })
}
