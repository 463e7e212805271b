import { api, DavitError, type Endpoint, outerEndpoints } from 'davit/contract'
import type { FastifyInstance } from 'fastify'

const groups: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = api
const endpoints = [...Object.values(groups).flatMap((group) => Object.values(group)), ...outerEndpoints]

const fits = (path: string, sent: readonly string[]): boolean => {
  const parts = path.split('/')
  return parts.length === sent.length && parts.every((part, at) => (part.startsWith(':') ? sent[at] !== '' : part === sent[at]))
}

/** The methods that the contract has for a path, in no order that means anything; none where there is no such path. */
export const methodsOf = (path: string): readonly string[] => {
  const sent = path.split('/')
  const paths = endpoints.map(({ path: of }) => of).filter((of) => fits(of, sent))
  // `secrets/data` is a secret's path too; the one with the fewest parameters is meant.
  const [meant] = paths.sort((a, b) => a.split(':').length - b.split(':').length)
  const found = new Set<string>(endpoints.filter((endpoint) => endpoint.path === meant).map(({ method }) => method))
  return [...found, ...(found.has('GET') ? ['HEAD'] : [])]
}

/** A path that is there, asked with a method that it has not, is a 405 that names those it has; not a 404, after which one looks for a typo in the path. */
export function refuseMethods(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const methods = request.is404 ? methodsOf(request.url.split('?')[0] ?? '') : []
    if (methods.length === 0) return
    void reply.header('allow', methods.join(', '))
    throw new DavitError('method_not_allowed', `${request.method} is not for this path`, { hint: `use ${methods.join(', ')}` })
  })
}
