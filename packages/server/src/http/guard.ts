import { DavitError } from 'davit/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])

export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host) || host.endsWith('.localhost')

/** Methods that change nothing. */
export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Browsers send cookies, and reach loopback, for whatever page they show: what such a page could misuse is for our own pages and those in `origins`. */
export function assertOrigin({ headers: { origin } }: FastifyRequest, { base, origins }: { base: string; origins: readonly string[] }): void {
  if (origin === undefined || origin === new URL(base).origin || origins.includes(origin)) return
  throw new DavitError('forbidden', `this server takes no such request from pages of ${origin}`, {
    hint: 'an operator allows them by the setting cors_origins',
  })
}

const hostName = (authority: string): string => authority.replace(/:\d+$/, '').toLowerCase()

/**
 * Without authentication a server trusts whoever reaches loopback; a web page in the user's browser does too. Requests under a
 * foreign name (DNS rebinding) or from a foreign origin that is not in `origins` are refused; and what changes something also from
 * other ports of loopback, where a run may have published a page.
 */
export function guardLoopback(app: FastifyInstance, origins: readonly string[] = []): void {
  app.addHook('onRequest', async (request) => {
    const { host = '', origin } = request.headers
    if (!isLoopback(hostName(host))) throw new DavitError('forbidden', `this server has no authentication and answers only on loopback names, not as ${host}`)
    if (origin !== undefined && !origins.includes(origin) && !(URL.canParse(origin) && isLoopback(new URL(origin).hostname)))
      throw new DavitError('forbidden', `this server has no authentication and takes no requests from pages of ${origin}`)
    if (!SAFE.has(request.method)) assertOrigin(request, { base: `${request.protocol}://${request.host}`, origins })
  })
}
