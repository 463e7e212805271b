import { readFile } from 'node:fs/promises'
import type { ClientRequest } from 'node:http'
import { Agent, request, type RequestOptions } from 'node:https'
import { createInterface } from 'node:readline'
import * as z from 'zod'

/** As much of an object as the benches look at. */
export interface Seen {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly { readonly state?: { readonly terminated?: { readonly finishedAt?: string } } }[]
  }
}

const Kubeconfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) })]),
  users: z.tuple([z.object({ user: z.object({ 'client-certificate-data': z.string(), 'client-key-data': z.string() }) })]),
})
const decode = (base64: string): Buffer => Buffer.from(base64, 'base64')

interface Watched {
  readonly url: URL
  readonly options: RequestOptions
  readonly version: string
  /** False: nobody wants to know any more. */
  readonly wanted: () => boolean
}

/** Watches on: the API server ends a watch now and then, and drops those that are slow. */
function watchFrom({ url, options, version: first, wanted }: Watched, told: (type: string, object: Seen) => void): () => void {
  let [version, over] = [first, false]
  const open = (): ClientRequest => {
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${version}`
    const sent = request(new URL(`${url.pathname}?${query}`, url), options, (answer) => {
      const lines = createInterface(answer).on('line', (line) => {
        const event: { type: string; object: Seen } = JSON.parse(line)
        version = event.object.metadata.resourceVersion ?? version
        if (event.type !== 'BOOKMARK') told(event.type, event.object)
      })
      lines.on('error', () => undefined)
      answer.on('error', () => undefined)
    })
    sent
      .on('error', () => undefined)
      .once('close', () => {
        if (!over && wanted()) asked = open()
      })
    sent.end()
    return sent
  }
  let asked = open()
  return () => {
    over = true
    asked.destroy()
  }
}

/** The bare API over keep-alive connections: what anybody would write who wants Jobs and nothing else. */
export const rawCluster = async (kubeconfig: string) => {
  const { clusters, users } = Kubeconfig.parse(JSON.parse(await readFile(kubeconfig, 'utf8')))
  const [{ cluster }] = clusters
  const [{ user }] = users
  const tls = {
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 32, ...tls })
  const watching = new Agent(tls)
  let closed = false
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const call = (method: string, path: string, body?: unknown) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const asked = request(new URL(path, cluster.server), { method, agent, headers }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() })).once('error', reject)
      })
      asked.once('error', reject).end(body === undefined ? undefined : JSON.stringify(body))
    })
  /** Tells of every event from now on; call the answer to end. */
  const watch = async (path: string, told: (type: string, object: Seen) => void): Promise<() => void> => {
    const listed = await call('GET', `${path}?limit=1`)
    const { metadata } = z.object({ metadata: z.object({ resourceVersion: z.string() }) }).parse(JSON.parse(listed.text))
    return watchFrom(
      { url: new URL(path, cluster.server), options: { agent: watching, headers }, version: metadata.resourceVersion, wanted: () => !closed },
      told,
    )
  }
  return {
    call,
    watch,
    async make(path: string, object: unknown): Promise<void> {
      const { status, text } = await call('POST', path, object)
      if (status !== 201) throw new Error(`POST ${path} answers ${status}: ${text.slice(0, 500)}`)
    },
    close: () => {
      closed = true
      agent.destroy()
      watching.destroy()
    },
  }
}
export type RawCluster = Awaited<ReturnType<typeof rawCluster>>
