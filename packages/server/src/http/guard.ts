import { DavitError } from 'davit/contract'
import type { FastifyInstance } from 'fastify'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])

export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host) || host.endsWith('.localhost')

const hostName = (authority: string): string => authority.replace(/:\d+$/, '').toLowerCase()

/**
 * Without authentication a server trusts whoever reaches loopback; a web page in the user's browser does too. Requests under a
 * foreign name (DNS rebinding) or from a foreign origin that is not in `origins` are refused.
 */
export function guardLoopback(app: FastifyInstance, origins: readonly string[] = []): void {
  app.addHook('onRequest', async (request) => {
    const { host = '', origin } = request.headers
    if (!isLoopback(hostName(host))) throw new DavitError('forbidden', `this server has no authentication and answers only on loopback names, not as ${host}`)
    if (origin !== undefined && !origins.includes(origin) && !(URL.canParse(origin) && isLoopback(new URL(origin).hostname)))
      throw new DavitError('forbidden', `this server has no authentication and takes no requests from pages of ${origin}`)
  })
}
