import { execFile } from 'node:child_process'
import { DavitError } from 'davit/contract'
import * as z from 'zod'
import type { KubeEndpoint } from './endpoint.ts'

const ExecCredential = z.looseObject({
  status: z.looseObject({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
})

/** What a credential plugin printed. */
export interface PluginCredential {
  readonly token: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  /** Epoch ms; undefined: it does not say. */
  readonly expiresAt: number | undefined
}

const LONGEST_RUN = 30_000

const clusterInfo = ({ server, authority, insecure, tlsServerName }: KubeEndpoint): object => ({
  server,
  ...(authority && 'text' in authority && { 'certificate-authority-data': Buffer.from(authority.text).toString('base64') }),
  ...(insecure && { 'insecure-skip-tls-verify': true }),
  ...(tlsServerName && { 'tls-server-name': tlsServerName }),
})

const failed = (endpoint: KubeEndpoint, what: string): DavitError => {
  const { exec, name } = endpoint.user
  return new DavitError('unauthenticated', `The credential plugin ${exec?.command ?? ''} of user ${name} (${endpoint.source}) ${what}.`, {
    hint: exec?.installHint ?? 'Run it by hand as the user of this server, and log in with it where it asks for that.',
  })
}

const run = (endpoint: KubeEndpoint, command: string, env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { env, timeout: LONGEST_RUN, maxBuffer: 1 << 20, killSignal: 'SIGKILL' } as const
    const child = execFile(command, endpoint.user.exec?.args ?? [], options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const words = stderr.trim().split('\n').slice(-3).join(' ').slice(0, 500)
      if (error.code === 'ENOENT') return reject(failed(endpoint, 'does not exist'))
      reject(failed(endpoint, error.killed ? `did not end within ${LONGEST_RUN / 1000} s` : `failed${words === '' ? '' : `: ${words}`}`))
    })
    child.stdin?.end()
  })

/** Runs a kubeconfig's credential plugin. `env` is this process's environment. Throws DavitError `unauthenticated`. */
export async function runPlugin(endpoint: KubeEndpoint, env: Readonly<Record<string, string | undefined>>): Promise<PluginCredential> {
  const { exec } = endpoint.user
  if (!exec) throw failed(endpoint, 'is not named')
  const info = {
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion,
    spec: { interactive: false, ...(exec.provideClusterInfo && { cluster: clusterInfo(endpoint) }) },
  }
  const printed = await run(endpoint, exec.command, { ...env, ...exec.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) })
  let raw: unknown
  try {
    raw = JSON.parse(printed)
  } catch {
    throw failed(endpoint, 'printed no JSON')
  }
  const { data } = ExecCredential.safeParse(raw)
  if (!data || !(data.status.token || data.status.clientCertificateData)) throw failed(endpoint, 'printed no credentials')
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = data.status
  return {
    token: token ?? undefined,
    certificate: clientCertificateData ?? undefined,
    key: clientKeyData ?? undefined,
    expiresAt: expirationTimestamp ? Date.parse(expirationTimestamp) : undefined,
  }
}
