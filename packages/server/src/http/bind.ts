import { Readable } from 'node:stream'
import { type Endpoint, parseOrThrow } from 'davit/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '#service/access.ts'
import type { Handlers } from './handlers.ts'
import { withoutNulls } from './nulls.ts'

export type Authenticate = (request: FastifyRequest) => Promise<Caller>

/** Fires when the client hangs up before it has its answer. */
const goneSignal = (reply: FastifyReply): AbortSignal => {
  const gone = new AbortController()
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}

async function* asLines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`
}

type AnyCall = { params: unknown; query: unknown; body: unknown; caller: Caller; signal: AbortSignal }

/** Registers a group of endpoints: parses what comes in by the contract, hands it to the handler, sends what comes back. */
export function bind<G extends Record<string, Endpoint>>(
  app: FastifyInstance,
  { group, handlers, authenticate }: { group: G; handlers: Handlers<G>; authenticate: Authenticate },
): void {
  for (const [name, { method, path, query, body, stream }] of Object.entries<Endpoint>(group)) {
    // The type of `handlers` proves the pairing; it cannot be carried through a loop over names.
    const handle = handlers[name as keyof G] as unknown as (call: AnyCall) => Promise<unknown>
    app.route({
      method,
      url: path,
      handler: async (request, reply) => {
        const caller = await authenticate(request)
        const answer = await handle({
          params: request.params,
          query: query && parseOrThrow(query, request.query),
          body: body && parseOrThrow(body, withoutNulls(request.body)),
          caller,
          signal: goneSignal(reply),
        })
        if (answer === undefined) return reply.send()
        if (!stream) return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer))
        return reply
          .type('application/x-ndjson; charset=utf-8')
          .header('cache-control', 'no-store')
          .header('x-accel-buffering', 'no')
          .send(Readable.from(asLines(answer as AsyncIterable<unknown>)))
      },
    })
  }
}
