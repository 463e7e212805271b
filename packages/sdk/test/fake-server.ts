import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

/** A request as the fake server got it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export type Answer = (response: ServerResponse, seen: Seen) => void | Promise<void>

export interface FakeServer {
  readonly url: string
  /** All requests so far, in order. */
  readonly seen: readonly Seen[]
  readonly close: () => Promise<void>
}

const read = async (request: IncomingMessage): Promise<Seen> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
  const text = Buffer.concat(await Array.fromAsync(request)).toString()
  return { method: request.method ?? '', path: pathname, query: searchParams, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) }
}

/** Loopback where only this process listens. Where that is one address alone, it is shared. */
const OWN_ADDRESS = process.platform === 'linux' ? `127.${64 + (process.pid >> 16)}.${(process.pid >> 8) & 255}.${process.pid & 255}` : '127.0.0.1'

/** A server on a port of the kernel's choice that answers the nth request with the nth answer, and all later ones with the last. Closed with the test. */
export const fakeServer = (...answers: readonly Answer[]): Promise<FakeServer> => fakeServerAt('127.0.0.1', answers)

const fakeServerAt = async (host: string, answers: readonly Answer[]): Promise<FakeServer> => {
  const seen: Seen[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const one = await read(request)
    seen.push(one)
    await answers[Math.min(seen.length, answers.length) - 1]?.(response, one)
  }
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve)) // says so when it is closed already, which is as well
  }
  onTestFinished(close)
  return { url: `http://${host}:${port}`, seen, close }
}

/** The URL of a server that is no longer there, at an address where no other process takes its port. */
export const deserted = async (): Promise<string> => {
  const { url, close } = await fakeServerAt(OWN_ADDRESS, [])
  await close()
  return url
}

export const json =
  (value: unknown, { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {}): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))

/** The server's own error body. */
export const refuse = (status: number, errorCode: string, message: string): Answer => json({ status, message, errorCode }, { status })

/** Cuts the connection before any answer. */
export const hangUp: Answer = (response) => void response.destroy()

/** Says nothing, for ever. */
export const silence: Answer = () => undefined

/** The lines of an NDJSON stream, then an orderly end, a cut connection, or an open one. */
export const ndjson =
  (lines: readonly unknown[], then: 'end' | 'cut' | 'open' = 'end'): Answer =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    for (const line of lines) await new Promise((resolve) => response.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`, resolve))
    if (then === 'end') response.end()
    if (then === 'cut') setTimeout(() => response.destroy(), 20) // the client gets the lines first
  }

/** Answers by method and path as in `GET /api/v1/projects/demo`; the rest is 404. */
export const routes =
  (table: Readonly<Record<string, Answer>>): Answer =>
  (response, seen) =>
    (table[`${seen.method} ${seen.path}`] ?? refuse(404, 'not_found', 'No such thing.'))(response, seen)
