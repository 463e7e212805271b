import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { DavitError } from 'davit/contract'
import * as z from 'zod'
import type { Io } from '#runner/io.ts'
import { type Discovered, fetchOf } from './discover.ts'

const random = (): string => randomBytes(32).toString('base64url')

/** What the server sends the browser back with. */
async function callback(
  signal: AbortSignal,
  begin: (redirect: string) => Promise<void>,
): Promise<{ readonly answer: URLSearchParams; readonly redirect: string }> {
  const server = createServer()
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening', { signal })
    const address = server.address()
    const redirect = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/callback`
    const answered = new Promise<URLSearchParams>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      server.on('request', (request, response) => {
        const url = new URL(request.url ?? '/', redirect)
        if (url.pathname !== '/callback') return void response.writeHead(404).end()
        response
          .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
          .end('You can close this page and go back to the terminal.\n')
        resolve(url.searchParams)
      })
    })
    answered.catch(() => undefined) // also awaited below
    await begin(redirect)
    return { answer: await answered, redirect }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const Answer = z.looseObject({ access_token: z.string() })

export interface BrowserLogin {
  readonly server: Discovered
  readonly io: Io
  readonly signal: AbortSignal
  /** Shows the person where to log in. */
  readonly show: (url: string) => Promise<void>
}

/** Authorization code with PKCE: the person logs in in the browser, we get an access token. Throws `unauthenticated` when they do not agree. */
export async function browserLogin({ server, io, signal, show }: BrowserLogin): Promise<string> {
  const [state, verifier] = [random(), random()]
  const { answer, redirect } = await callback(signal, (redirect_uri) => {
    const url = new URL(server.authorizeUrl)
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const asked = { response_type: 'code', client_id: server.clientId, redirect_uri, state, code_challenge: challenge, code_challenge_method: 'S256' }
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
    return show(url.href)
  })
  const code = answer.get('code')
  if (answer.get('state') !== state || code === null)
    throw new DavitError('unauthenticated', `the login did not succeed${answer.has('error') ? `: ${answer.get('error')}` : ''}`)
  const form = { grant_type: 'authorization_code', client_id: server.clientId, code, code_verifier: verifier, redirect_uri: redirect }
  const response = await fetchOf(io)(server.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    signal,
  })
  const tokens = Answer.safeParse(await response.json())
  if (!tokens.success) throw new DavitError('unauthenticated', 'the server gave no token for the login')
  return tokens.data.access_token
}
