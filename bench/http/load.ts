import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

const HEAD_END = Buffer.from('\r\n\r\n')

export interface LoadRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

const bytesOf = (host: string, { method, path, body, headers = {} }: LoadRequest): Buffer => {
  const typed = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  const lines = Object.entries({ host, ...typed, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`)
}

/** Reads one answer of a connection that stays open, and throws unless it is a 200. Answers of ours carry a Content-Length. */
const readAnswer = async (socket: Socket): Promise<number> => {
  let got: Buffer = Buffer.alloc(0)
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    got = got.length === 0 ? chunk : Buffer.concat([got, chunk])
    const headEnd = got.indexOf(HEAD_END)
    if (headEnd < 0) continue
    const head = got.subarray(0, headEnd).toString('latin1')
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${head}`)
    if (got.length < headEnd + 4 + length) continue
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`an answer that is no success: ${got.toString()}`)
    return length
  }
}

const open = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** One request after another on one connection; how long each took, in ms. A client that costs little, so that the server is what is measured. */
export const oneByOne = async (url: string, requests: readonly LoadRequest[]): Promise<readonly number[]> => {
  const socket = await open(url)
  const { host } = new URL(url)
  const times: number[] = []
  for (const request of requests) {
    const bytes = bytesOf(host, request)
    const startedAt = performance.now()
    socket.write(bytes)
    await readAnswer(socket)
    times.push(performance.now() - startedAt)
  }
  socket.destroy()
  return times
}

/** As many requests as `connections` can make in `ms`; gives requests per second. */
export const perSecond = async (url: string, make: (n: number) => LoadRequest, { connections, ms }: { connections: number; ms: number }): Promise<number> => {
  const { host } = new URL(url)
  const startedAt = performance.now()
  let sent = 0
  const worker = async (): Promise<void> => {
    const socket = await open(url)
    while (performance.now() - startedAt < ms) {
      socket.write(bytesOf(host, make(sent++)))
      await readAnswer(socket)
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return sent / ((performance.now() - startedAt) / 1000)
}
