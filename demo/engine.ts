import { request } from 'node:http'
import type { Davit } from 'davit'

/** The engine's Docker API, for the little that is none of Davit's business: bringing images in and taking them out. */
export interface EngineApi {
  hasImage(name: string): Promise<boolean>
  /** Loads a docker-archive. Throws with the engine's words. */
  loadImage(tar: Buffer): Promise<void>
  /** Whether an image could be fetched from its registry before the signal aborts. */
  pullImage(name: string, signal: AbortSignal): Promise<boolean>
  removeImage(name: string): Promise<void>
}

interface Answer {
  readonly status: number
  readonly text: string
}

interface Call {
  readonly method: string
  readonly path: string
  readonly body?: Buffer
  readonly signal?: AbortSignal
}

/** How node:http reaches `unix:///path` or `tcp://host:port`. */
const addressOf = (endpoint: string): { socketPath: string } | { host: string; port: string } => {
  if (endpoint.startsWith('tcp:')) {
    const { hostname, port } = new URL(endpoint)
    return { host: hostname, port }
  }
  return { socketPath: endpoint.replace(/^unix:\/\//, '') }
}

const callEngine = (endpoint: string, { method, path, body, signal }: Call): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/x-tar', 'content-length': body.length } : {}
    const call = request({ ...addressOf(endpoint), method, path, headers, ...(signal && { signal }) }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text })).once('error', reject)
    })
    call.once('error', reject).end(body)
  })

/** Engines report some failures inside a stream that began with 200. */
const failed = ({ status, text }: Answer): boolean => status >= 300 || text.includes('"errorDetail"') || text.includes('{"error"')

export const engineApi = (endpoint: string): EngineApi => {
  const call = (wanted: Call) => callEngine(endpoint, wanted)
  return {
    hasImage: async (name) => (await call({ method: 'GET', path: `/images/${name}/json` })).status === 200,
    loadImage: async (tar) => {
      const answer = await call({ method: 'POST', path: '/images/load', body: tar })
      if (failed(answer)) throw new Error(`the engine did not take the image: ${answer.text.trim()}`)
    },
    pullImage: async (name, signal) => {
      const [image = name, tag = 'latest'] = name.split(':')
      return call({ method: 'POST', path: `/images/create?fromImage=${image}&tag=${tag}`, signal }).then(
        (answer) => !failed(answer),
        () => false,
      )
    },
    removeImage: async (name) => {
      await call({ method: 'DELETE', path: `/images/${name}` })
    },
  }
}

/** Where the server's engine answers, as `unix:///…` or `tcp://…`: in its info, else in what it said on stderr (`engine unix:///…`). */
export const engineEndpoint = async (client: Davit, said: readonly string[], signal: AbortSignal): Promise<string> => {
  const { engine } = await client.server.info({ signal })
  const told = engine['endpoint'] ?? said.map((line) => /^engine (\S+)/.exec(line)?.[1]).findLast((found) => found !== undefined)
  if (typeof told !== 'string') throw new Error(`the server does not say where its engine answers (engine ${engine.name}: ${engine.detail ?? 'no detail'})`)
  return told
}
