import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import * as z from 'zod'

const Kubeconfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) })]),
  users: z.tuple([z.object({ user: z.object({ 'client-certificate-data': z.string(), 'client-key-data': z.string() }) })]),
})

export interface KubeAnswer {
  readonly status: number
  /** Parsed JSON; the text where it is none. */
  readonly body: unknown
}

export interface KubeClient {
  call(method: string, path: string, body?: object): Promise<KubeAnswer>
  close(): void
}

const decode = (base64: string): Buffer => Buffer.from(base64, 'base64')
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const TIMEOUT_MS = 30_000

/** The few calls that the testbed makes itself, with a kubeconfig that it wrote. */
export const kubeClient = async (kubeconfigFile: string): Promise<KubeClient> => {
  const { clusters, users } = Kubeconfig.parse(JSON.parse(await readFile(kubeconfigFile, 'utf8')))
  const [{ cluster }] = clusters
  const [{ user }] = users
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 16,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  })
  const call = (method: string, path: string, body?: object) =>
    new Promise<KubeAnswer>((resolve, reject) => {
      const headers = { accept: 'application/json', 'content-type': 'application/json' }
      const asked = request(new URL(path, cluster.server), { method, agent, headers, timeout: TIMEOUT_MS }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) })).once('error', reject)
      })
      asked.once('timeout', () => asked.destroy(new Error(`no answer to ${method} ${path} in ${TIMEOUT_MS / 1000} s`)))
      asked.once('error', reject).end(body && JSON.stringify(body))
    })
  return { call, close: () => agent.destroy() }
}
