import { connect } from 'node:net'

/** A request as bytes: nothing is made right by a client library. */
export interface WireRequest {
  readonly method: string
  /** Path and query, written as UTF-8 as they stand. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer | undefined
  /** Stop sending after so many bytes of the body. */
  readonly cutAt?: number
  /** Say that no more comes: the server need not answer then. */
  readonly halfClosed?: boolean
}

export interface Exchange {
  /** `answer`: whole; `open`: we hung up on an open stream; `late`: the deadline passed; `closed`: the server hung up without an answer. */
  readonly end: 'answer' | 'open' | 'late' | 'closed'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The bytes of a chunked body, as far as they came. */
const unchunked = (body: Buffer): Buffer => {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf('\r\n', at)
    const size = lineEnd < 0 ? 0 : Number.parseInt(body.subarray(at, lineEnd).toString('latin1'), 16)
    if (!(size > 0)) break
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return Buffer.concat(parts)
}

const parsed = (bytes: Buffer): Omit<Exchange, 'end'> | undefined => {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [start = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1])
  const rest = bytes.subarray(headEnd + 4)
  if (status === 100) return parsed(rest)
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  return { status, headers, body: (headers['transfer-encoding'] === 'chunked' ? unchunked(rest) : rest).toString('utf8') }
}

const bytesOf = ({ method, target, headers, body, cutAt }: WireRequest): Buffer => {
  const head = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'utf8'), (body ?? Buffer.alloc(0)).subarray(0, cutAt)])
}

/** One request on a connection of its own. A stream is hung up on after `hangUpMs`; anything else must be answered before `deadlineMs`. */
export const exchange = (url: string, request: WireRequest, { deadlineMs, hangUpMs }: { deadlineMs: number; hangUpMs?: number }): Promise<Exchange> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const got: Buffer[] = []
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const finish = (end: Exchange['end']): void => {
      clearTimeout(timer)
      socket.destroy()
      const answer = parsed(Buffer.concat(got))
      resolve({ status: 0, headers: {}, body: '', ...answer, end: answer || end !== 'answer' ? end : 'closed' })
    }
    const timer = setTimeout(() => finish(hangUpMs === undefined ? 'late' : 'open'), hangUpMs ?? deadlineMs)
    socket.on('data', (chunk: Buffer) => got.push(chunk))
    socket.once('error', () => finish('answer'))
    socket.once('close', () => finish('answer'))
    socket.write(bytesOf(request))
    if (request.halfClosed) socket.end()
  })
