import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { DavitError, ERROR_CODES, type ErrorCode, toErrorBody } from 'davit/contract'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What the framework refuses by itself, in our words. */
const FRAMEWORK_CODES: Readonly<Record<string, { code: ErrorCode; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'too_large', message: 'the body is larger than this server takes' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type', message: 'send application/json or application/x-yaml' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid', message: 'the body is empty' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'invalid', message: 'the body is not as long as its Content-Length says' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'invalid', message: 'a part of the address is longer than any name or id' },
  FST_ERR_BAD_URL: { code: 'invalid', message: 'the address is not a valid URL' },
}
/** PostgreSQL and socket errors that mean: not now. Classes 08 (connection), 53 (resources) and 57P (shutdown); a plan made before a schema change. */
const isDatabaseAway = (error: Partial<FastifyError>): boolean =>
  /^(08|53|57P)|^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT)$/.test(error.code ?? '') ||
  /cached plan must not change|connection terminated|connection timeout|timeout exceeded when trying to connect|is not queryable/i.test(error.message ?? '')

export const toDavitError = (error: unknown): DavitError => {
  if (error instanceof DavitError) return error
  const known: Partial<FastifyError> = error instanceof Error ? error : {}
  const framework = known.code === undefined ? undefined : FRAMEWORK_CODES[known.code]
  if (framework) return new DavitError(framework.code, framework.message, { cause: error })
  if (error instanceof SyntaxError || (known.statusCode === 400 && known.message))
    return new DavitError('invalid', `the body cannot be read: ${known.message}`, { cause: error })
  // Class 22021: PostgreSQL's text cannot hold NUL; names, ids and filters arrive there as they were sent.
  if (known.code === '22021') return new DavitError('invalid', 'text must not hold a NUL character', { cause: error })
  if (isDatabaseAway(known)) return new DavitError('unavailable', 'the database does not answer', { hint: 'try again in a moment', cause: error })
  return new DavitError('internal', 'internal error', { hint: 'the server log has the details under this request_id', cause: error })
}

/** A failure told on the connection itself, which then ends. */
export function refuseConnection(failure: DavitError, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy()
  const body = JSON.stringify(toErrorBody(failure, randomUUID()))
  const { status } = ERROR_CODES[failure.code]
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** What never became a request (cut by a timeout, not HTTP): answered in the same words, then hung up. */
export function answerBrokenRequest(error: { readonly code: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  refuseConnection(
    isLate ? new DavitError('timeout', 'the request did not arrive whole in time') : new DavitError('invalid', 'this is no valid HTTP request'),
    socket,
  )
}

/** A failure, as clients get it. */
export const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const failure = toDavitError(error)
  const { status } = ERROR_CODES[failure.code]
  if (status >= 500) request.log.error({ err: failure.cause ?? failure }, failure.message)
  const { retryAfterS = status === 503 ? 1 : undefined } = failure
  if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS))
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="davit"')
  return reply
    .status(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(toErrorBody(failure, request.id)))
}

/** All answers that are not a success are made here. What is inside an internal error is for the log alone. */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) =>
    answerError(
      new DavitError('not_found', `No such path: ${request.method} ${request.url.split('?')[0]}`, { hint: 'GET /openapi.json describes this API' }),
      request,
      reply,
    ),
  )
}
