import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export interface TestProvider {
  readonly issuer: string
  /** Who logs in from now on, without being asked. */
  person: JWTPayload
  /** A token for a machine, signed by the provider (or by somebody else). */
  token(claims: JWTPayload, options?: { readonly forged?: boolean; readonly expires?: string; readonly audience?: string }): Promise<string>
  /** Challenges that were not answered by the right verifier. */
  readonly refused: string[]
  close(): Promise<void>
}

interface Pending {
  readonly challenge: string
  readonly nonce: string
  readonly client: string
  readonly redirect: string
}

const KID = 'test-key'

/** An OpenID Connect identity provider on loopback: authorization code with PKCE, discovery, keys. */
export async function testProvider({ host = '127.0.0.1' } = {}): Promise<TestProvider> {
  const [keys, foreign] = [await generateKeyPair('RS256', { extractable: true }), await generateKeyPair('RS256')]
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: KID, alg: 'RS256', use: 'sig' }
  const codes = new Map<string, Pending>()
  const refused: string[] = []
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, host)
  await once(server, 'listening')
  const issuer = `http://${host}:${(server.address() as AddressInfo).port}`

  const sign = (claims: JWTPayload, { forged = false, expires = '5m', audience = 'davit' } = {}): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: KID })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(forged ? foreign.privateKey : keys.privateKey)

  const provider = { issuer, person: { sub: 'u1', preferred_username: 'olga' } as JWTPayload, refused, token: sign, close: async () => {} }

  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  const authorize = (url: URL, response: ServerResponse): void => {
    const at = (name: string): string => url.searchParams.get(name) ?? ''
    const code = randomUUID()
    codes.set(code, { challenge: at('code_challenge'), nonce: at('nonce'), client: at('client_id'), redirect: at('redirect_uri') })
    const back = new URL(at('redirect_uri'))
    for (const [name, value] of Object.entries({ code, state: at('state'), iss: issuer })) back.searchParams.set(name, value)
    response.writeHead(302, { location: back.href }).end()
  }

  const redeem = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await text(request))
    const pending = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!pending || challenge !== pending.challenge || form.get('redirect_uri') !== pending.redirect) {
      refused.push(challenge)
      return json(response, 400, { error: 'invalid_grant' })
    }
    const id_token = await sign({ ...provider.person, nonce: pending.nonce }, { audience: pending.client })
    return json(response, 200, { access_token: await sign(provider.person), token_type: 'Bearer', expires_in: 300, id_token })
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', issuer)
    if (url.pathname === '/.well-known/openid-configuration')
      return json(response, 200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      })
    if (url.pathname === '/jwks') return json(response, 200, { keys: [jwk] })
    if (url.pathname === '/authorize') return authorize(url, response)
    if (url.pathname === '/token') return redeem(request, response)
    return json(response, 404, {})
  }

  provider.close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return provider
}
