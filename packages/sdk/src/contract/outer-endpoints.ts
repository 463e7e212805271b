import * as z from 'zod'
import { keysOf } from './table.ts'
import type { OtherAnswer, OuterEndpoint } from './outer-endpoint.ts'

const HTML = 'text/html'
const Page = z.string().meta({ id: 'Page' })
const Text = z.string()
const ELSEWHERE: OtherAnswer = { about: 'Go on at another address', leads: true }
const THE_PAGE_AGAIN: OtherAnswer = { about: 'The page again, with what was wrong', type: HTML, returns: Page }

const next = z.string().optional().describe('A path of this server, to go to after the login')
const csrf = z.string().optional().describe('What the page held, so that no other site can send this')

/** What clients find out about a server before anything else. */
const ServerConfiguration = z
  .looseObject({
    dhcore_endpoint: z.string(),
    dhcore_name: z.string(),
    dhcore_version: z.string(),
    dhcore_api_level: z.string(),
    dhcore_authentication_methods: z.array(z.string()),
    dhcore_client_id: z.string(),
    oauth2_issuer: z.string().optional(),
    oauth2_token_endpoint: z.string().optional(),
  })
  .meta({ id: 'ServerConfiguration' })

const OAuthServer = z
  .looseObject({
    issuer: z.string(),
    jwks_uri: z.string(),
    authorization_endpoint: z.string(),
    token_endpoint: z.string(),
    userinfo_endpoint: z.string(),
    grant_types_supported: z.array(z.string()),
    code_challenge_methods_supported: z.array(z.string()),
  })
  .meta({ id: 'OAuthServer' })

const KeySet = z.looseObject({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })) }).meta({ id: 'KeySet' })
const Person = z.looseObject({ sub: z.string(), preferred_username: z.string(), name: z.string() }).meta({ id: 'Person' })
const Permissions = z.looseObject({ username: z.string(), permissions: z.array(z.string()) }).meta({ id: 'Permissions' })

/** OAuth 2.0's grants, all fields of which are texts: what each grant needs is checked by it. */
const TokenRequest = z
  .looseObject({
    grant_type: z.string().describe('authorization_code, client_credentials, refresh_token or urn:ietf:params:oauth:grant-type:token-exchange'),
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
    refresh_token: z.string().optional(),
    code: z.string().optional(),
    code_verifier: z.string().optional(),
    redirect_uri: z.string().optional(),
    subject_token: z.string().optional(),
    subject_token_type: z.string().optional(),
    scope: z.string().optional(),
  })
  .meta({ id: 'TokenRequest' })

const TokenAnswer = z
  .looseObject({
    token_type: z.literal('Bearer'),
    access_token: z.string(),
    expires_in: z.int(),
    refresh_token: z.string().optional(),
    id_token: z.string().optional(),
    scope: z.string(),
    issuer: z.string(),
  })
  .meta({ id: 'TokenAnswer' })

const authorization = {
  client_id: z.literal('davit').describe('All clients go by this name'),
  redirect_uri: z
    .string()
    .regex(/^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?(\/[^#]*)?$/)
    .describe('Where the program waits, on the machine of the person'), // prettier-ignore
  response_type: z.string().optional().describe('Must be code; anything else is told to the program'),
  code_challenge: z.string().optional().describe('PKCE: the SHA-256 of the verifier'),
  code_challenge_method: z.string().optional().describe('PKCE: must be S256'),
  scope: z.string().optional().describe('`openid`: also tell the program who the person is'),
  state: z.string().optional().describe('Comes back as it was sent'),
  nonce: z.string().optional().describe('Comes back in the identity token'),
} as const

const browser = {
  loginPage: {
    method: 'GET',
    path: '/auth/login',
    summary: 'The page on which a person logs in',
    query: z.looseObject({ next }),
    type: HTML,
    returns: Page,
    open: true,
  },
  login: {
    method: 'POST',
    path: '/auth/login',
    summary: 'Log in from that page',
    form: true,
    body: z.looseObject({ user: z.string().optional(), password: z.string().optional(), next, csrf }),
    others: { 303: ELSEWHERE, 401: THE_PAGE_AGAIN, 403: THE_PAGE_AGAIN, 429: THE_PAGE_AGAIN },
    open: true,
  },
  loginProvider: {
    method: 'GET',
    path: '/auth/login/provider',
    summary: 'Log in with the identity provider, where there is one',
    query: z.looseObject({ next }),
    others: { 303: ELSEWHERE },
    open: true,
  },
  callback: {
    method: 'GET',
    path: '/auth/callback',
    summary: 'The way back from the identity provider',
    query: z.looseObject({ code: z.string().optional().describe('What the provider gave'), state: authorization.state }),
    others: { 303: ELSEWHERE },
    open: true,
  },
  done: { method: 'GET', path: '/auth/done', summary: 'The page after a login that leads nowhere else', type: HTML, returns: Page, open: true },
  logout: {
    method: 'POST',
    path: '/auth/logout',
    summary: 'End the login of a browser',
    form: true,
    body: z.looseObject({ csrf }),
    others: { 303: ELSEWHERE },
  },
} as const satisfies Record<string, OuterEndpoint>

const oauth = {
  consent: {
    method: 'GET',
    path: '/auth/authorize',
    summary: 'Ask the person whether a program on their machine may act for them',
    query: z.looseObject(authorization),
    type: HTML,
    returns: Page,
    others: { 303: ELSEWHERE },
    open: true,
  },
  authorize: {
    method: 'POST',
    path: '/auth/authorize',
    summary: 'The person agrees',
    form: true,
    body: z.looseObject({ ...authorization, csrf }),
    others: { 303: ELSEWHERE },
  },
  token: { method: 'POST', path: '/auth/token', summary: 'Tokens for a grant of OAuth 2.0', form: true, body: TokenRequest, returns: TokenAnswer, open: true },
  userinfo: { method: 'GET', path: '/auth/userinfo', summary: "Who calls, in OpenID Connect's words", returns: Person },
  userinfoPost: { method: 'POST', path: '/auth/userinfo', summary: "Who calls, in OpenID Connect's words", returns: Person },
  keys: { method: 'GET', path: '/auth/jwks', summary: 'The keys that tokens of this server are checked with', returns: KeySet, open: true },
  permissions: { method: 'GET', path: '/api/auth', summary: "Who calls, and what that opens, in DigitalHub's words", returns: Permissions },
  permissionsPost: { method: 'POST', path: '/api/auth', summary: "Who calls, and what that opens, in DigitalHub's words", returns: Permissions },
} as const satisfies Record<string, OuterEndpoint>

const wellKnown = {
  configuration: {
    method: 'GET',
    path: '/.well-known/configuration',
    summary: 'What clients of DigitalHub read to configure themselves',
    returns: ServerConfiguration,
    open: true,
  },
  openid: {
    method: 'GET',
    path: '/.well-known/openid-configuration',
    summary: "OpenID Connect's description of this server",
    returns: OAuthServer,
    open: true,
  },
  oauth: { method: 'GET', path: '/.well-known/oauth-authorization-server', summary: "OAuth's description of this server", returns: OAuthServer, open: true },
  keys: { method: 'GET', path: '/.well-known/jwks.json', summary: 'The keys that tokens of this server are checked with', returns: KeySet, open: true },
} as const satisfies Record<string, OuterEndpoint>

const State = z.looseObject({ status: z.string() }).meta({ id: 'Health' })

const operation = {
  health: { method: 'GET', path: '/healthz', summary: 'This process answers', returns: State, open: true },
  ready: {
    method: 'GET',
    path: '/readyz',
    summary: 'This process can do its work',
    returns: State,
    others: { 503: { about: 'Not now', returns: z.looseObject({ status: z.string(), reason: z.string() }) } },
    open: true,
  },
  metrics: { method: 'GET', path: '/metrics', summary: 'Measurements, as Prometheus reads them', type: 'text/plain', returns: Text },
  document: { method: 'GET', path: '/openapi.json', summary: 'This document', returns: z.looseObject({ openapi: z.string() }), open: true },
  documentPage: { method: 'GET', path: '/docs', summary: 'This document as a page', type: HTML, returns: Page, open: true },
  notifications: {
    method: 'GET',
    path: '/ws',
    summary: 'What happens to runs and projects: STOMP over WebSocket, whose CONNECT frame may carry the token',
    others: { 101: { about: 'From here on WebSocket' } },
    open: true,
  },
} as const satisfies Record<string, OuterEndpoint>

/** What the server answers beside the API. */
export const outerApi = { browser, oauth, wellKnown, operation } as const

/** The same without names. */
export const outerEndpoints: readonly OuterEndpoint[] = keysOf(outerApi).flatMap((group): readonly OuterEndpoint[] => Object.values(outerApi[group]))
