import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from '#service/access.ts'
import type { Refusals } from '#service/refusals.ts'
import type { Authenticate } from './bind.ts'

const projectOf = ({ params, routeOptions }: FastifyRequest): string | undefined => {
  const { project, name } = params as { project?: string; name?: string } // as the route's own pattern has them
  return project ?? (routeOptions.url?.startsWith('/api/v1/projects/:name') ? name : undefined)
}

/** Whoever is known and refused is told of in the audit log, after they have their answer. Gives an `authenticate` that remembers who asked. */
export function tellRefusals(app: FastifyInstance, { refusals, authenticate }: { refusals: Refusals; authenticate: Authenticate }): Authenticate {
  const callers = new WeakMap<FastifyRequest, Caller>()
  app.addHook('onResponse', async (request, reply) => {
    const caller = reply.statusCode === 403 ? callers.get(request) : undefined
    if (!caller) return
    const what = { method: request.method, route: request.routeOptions.url ?? '', project: projectOf(request) }
    await refusals.tell(caller, what).catch((err: unknown) => request.log.warn({ err }, 'a refusal could not be told'))
  })
  return async (request) => {
    const caller = await authenticate(request)
    callers.set(request, caller)
    return caller
  }
}
