import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

/** The API server behind a proxy, and as whom the proxy speaks to it. What is given replaces what the client says. */
export interface Upstream {
  readonly url: string
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly token?: string
}

/** What to do to a request, or to its answer. */
export type Fault =
  /** Answers itself; with `after` only when the API server has executed the request. */
  | { readonly answer: number; readonly reason?: string; readonly message?: string; readonly retryAfter?: number | string; readonly after?: boolean }
  /** Breaks the connection: at once, or when the API server has executed the request. */
  | { readonly reset: 'before' | 'after' }
  /** Says nothing until the client goes away. */
  | { readonly hang: true }
  | { readonly delayMs: number }
  /** Holds it before the API server hears of it, or when that has executed it and the caller does not know yet; does `act`, then breaks the connection. */
  | { readonly hold: 'before' | 'after'; readonly act: () => Promise<unknown> }
  /** Passes so many lines of the answer, then half of the next, then breaks the connection; with `end` it ends it as if that were all. */
  | { readonly cutAfterLines: number; readonly end?: boolean }
  /** Passes so many lines of the answer, then nothing more: the connection stands, until the client goes away. */
  | { readonly hangAfterLines: number }
  /** Makes other lines of each one (a watch's events): none, several, changed. */
  | { readonly lines: (line: string) => readonly string[] }

export interface FaultRule {
  /** Which requests. Default: all. */
  readonly match?: (request: SeenRequest) => boolean
  /** For how many. Default: until removed. */
  readonly times?: number
  readonly fault: Fault
}

export interface SeenRequest {
  readonly method: string
  /** Path with query. */
  readonly url: string
  readonly watch: boolean
  /** What was done to it, once that was decided. */
  fault?: Fault | undefined
}

export interface ApiProxy {
  readonly url: string
  /** All that came in, in order. */
  readonly seen: readonly SeenRequest[]
  /** Does this to matching requests from now on; the answer takes it back. Where several rules match, the first does. */
  inject(rule: FaultRule): () => void
  /** Takes back all rules. */
  heal(): void
  /** Breaks all connections that stand, watches too. */
  cutAll(): void
  /** Goes silent, as a stopped process does: connections stand, nothing comes. The answer ends it; what waited goes on. */
  freeze(): () => void
  close(): Promise<void>
}

interface Held {
  readonly rule: FaultRule
  left: number
}

const statusBody = (code: number, reason = 'InternalError', message = `injected ${code}`): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code })

function answerWith(response: ServerResponse, fault: Extract<Fault, { answer: number }>): void {
  const after = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
  response.writeHead(fault.answer, { 'content-type': 'application/json', ...after })
  response.end(statusBody(fault.answer, fault.reason, fault.message))
}

function upstreamOptions(request: IncomingMessage, { url, token, ca, cert, key }: Upstream): { target: URL; options: RequestOptions } {
  const target = new URL(request.url ?? '/', url)
  const headers = { ...request.headers, host: target.host, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  return { target, options: { method: request.method ?? 'GET', headers, agent: false, ca, cert, key } }
}

/** Passes an answer line by line through what a fault does with lines. */
function passLines(
  answer: IncomingMessage,
  response: ServerResponse,
  fault: Extract<Fault, { cutAfterLines: number } | { hangAfterLines: number } | { lines: unknown }>,
): void {
  let rest = ''
  let passed = 0
  let whole = true
  const cut = (line: string, limit: { readonly end?: boolean }): void => {
    whole = false
    response.write(line.slice(0, Math.ceil(line.length / 2)), () => (limit.end ? response.end() : response.destroy()))
    answer.destroy()
  }
  answer.setEncoding('utf8')
  answer.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if ('lines' in fault) for (const each of fault.lines(line)) response.write(`${each}\n`)
      else if ('cutAfterLines' in fault && passed >= fault.cutAfterLines) return cut(line, fault)
      else if ('hangAfterLines' in fault && passed >= fault.hangAfterLines) whole = false
      else response.write(`${line}\n`)
      passed++
    }
  })
  answer.on('end', () => whole && response.end(rest))
}

/** An HTTP/1.1 server on the loopback, in front of an API server, that does to requests and answers what it is told. */
export async function apiProxy(upstream: Upstream): Promise<ApiProxy> {
  const rules = new Set<Held>()
  const sockets = new Set<Socket>()
  const seen: SeenRequest[] = []
  let frozen: Promise<void> | undefined

  function faultFor(request: SeenRequest): Fault | undefined {
    for (const held of rules) {
      if (held.rule.match && !held.rule.match(request)) continue
      held.left--
      if (held.left <= 0) rules.delete(held)
      return held.rule.fault
    }
    return undefined
  }

  async function copy(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    for await (const chunk of answer) {
      await frozen
      response.write(chunk)
    }
    await frozen
    response.end()
  }

  function pass(answer: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void {
    if (fault && 'answer' in fault) return void answer.resume().on('end', () => answerWith(response, fault))
    if (fault && 'reset' in fault) return void answer.resume().on('end', () => response.socket?.resetAndDestroy())
    if (fault && 'hold' in fault) return void answer.resume().on('end', () => acted(fault, response))
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    response.flushHeaders()
    answer.on('error', () => response.destroy())
    response.on('close', () => answer.destroy())
    if (fault && ('cutAfterLines' in fault || 'hangAfterLines' in fault || 'lines' in fault)) return passLines(answer, response, fault)
    void copy(answer, response).catch(() => response.destroy())
  }

  function acted({ act }: Extract<Fault, { hold: unknown }>, response: ServerResponse): void {
    const cut = (): void => void response.socket?.resetAndDestroy()
    act().then(cut, cut)
  }

  function forward(request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void {
    const { target, options } = upstreamOptions(request, upstream)
    const outgoing = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options, (answer) => pass(answer, response, fault))
    outgoing.on('error', () => response.socket?.resetAndDestroy())
    response.on('close', () => outgoing.destroy())
    request.pipe(outgoing)
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/'
    const arrived: SeenRequest = { method: request.method ?? 'GET', url, watch: /[?&]watch=(?:true|1)/.test(url) }
    seen.push(arrived)
    await frozen
    const fault = (arrived.fault = faultFor(arrived))
    if (fault && 'hang' in fault) return
    if (fault && 'delayMs' in fault) await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
    if (fault && 'answer' in fault && !fault.after) return answerWith(response, fault)
    if (fault && 'reset' in fault && fault.reset === 'before') return void request.socket.resetAndDestroy()
    if (fault && 'hold' in fault && fault.hold === 'before') return acted(fault, response)
    forward(request, response, fault)
  }

  const server = createServer((request, response) => void handle(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP

  const cutAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    inject(rule) {
      const held = { rule, left: rule.times ?? Number.POSITIVE_INFINITY }
      rules.add(held)
      return () => rules.delete(held)
    },
    heal: () => rules.clear(),
    cutAll,
    freeze() {
      const { promise, resolve } = Promise.withResolvers<void>()
      frozen = promise
      return () => {
        frozen = undefined
        resolve()
      }
    },
    async close() {
      cutAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
