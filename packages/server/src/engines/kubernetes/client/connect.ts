import { X509Certificate } from 'node:crypto'
import { DavitError } from 'davit/contract'
import type { KubeClient } from '../cluster.ts'
import { kubeClient } from './client.ts'
import { type Credential, type Credentials, credentials } from './credentials.ts'
import type { KubeEndpoint } from './endpoint.ts'
import { inCluster } from './in-cluster.ts'
import { KubeError } from './kube-error.ts'
import { readKubeconfig } from './kubeconfig.ts'

export interface ConnectOptions {
  /** Path of a kubeconfig. */
  readonly kubeconfig?: string | undefined
  /** Which of its contexts. Default: its current one. */
  readonly context?: string | undefined
  /** Instead of a kubeconfig: the service account of the pod that this process is in. */
  readonly inCluster?: boolean
  /** This process's environment: for the above, and for credential plugins. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where a pod's service account lies. Default: where Kubernetes puts it. */
  readonly serviceAccountDir?: string | undefined
  /** Whether to ask the server for its version before answering. Default: true. Without, `checkServer` can do so later. */
  readonly check?: boolean
  readonly signal?: AbortSignal
}

export interface Connected {
  readonly client: KubeClient
  /** Of the context, or of this process's pod. */
  readonly namespace: string
  readonly contextName: string
  readonly user: string
  /** `v1.36.3`; undefined: not asked. */
  readonly version: string | undefined
  /** Says whether the server answers us, and its version. Throws DavitError as `connect` does. */
  checkServer(signal?: AbortSignal): Promise<string>
}

/** The oldest API server that has all that Davit uses. */
const OLDEST = { major: 1, minor: 30 } as const
const CHECK_MS = 10_000

function endOfCertificate(pem: string | undefined): Date | undefined {
  try {
    return pem === undefined ? undefined : new Date(new X509Certificate(pem).validTo)
  } catch {
    return undefined
  }
}

/** A 401 in words: whose credentials, from where, and how they ended where that is known. */
function unauthenticated(error: KubeError, { endpoint, tls }: Credential): DavitError {
  const end = endOfCertificate(tls.cert)
  const ended = end && end.getTime() < Date.now() ? ` Its client certificate ended on ${end.toISOString()}.` : ''
  return new DavitError(
    'unauthenticated',
    `The API server ${endpoint.server} does not accept the credentials of user ${endpoint.user.name} (${endpoint.source}): ${error.message}.${ended}`,
    {
      hint: 'Renew them with the tool that made the kubeconfig; what changes in its files is seen without a restart.',
      cause: error,
    },
  )
}

function versionOf(endpoint: KubeEndpoint, answer: { readonly major?: string; readonly minor?: string; readonly gitVersion?: string }): string {
  const { major = '', minor = '', gitVersion = `v${major}.${minor}` } = answer
  const [, x, y] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? ['', major, Number.parseInt(minor, 10)]
  if (!Number.isInteger(Number(x)) || !Number.isInteger(Number(y)) || x === '')
    throw new DavitError('unavailable', `What answers at ${endpoint.server} (${endpoint.source}) is no Kubernetes API server.`, {
      hint: 'Correct the server in the kubeconfig.',
    })
  if (Number(x) < OLDEST.major || (Number(x) === OLDEST.major && Number(y) < OLDEST.minor))
    throw new DavitError('invalid', `The API server ${endpoint.server} (${endpoint.source}) is Kubernetes ${gitVersion}, which is too old.`, {
      hint: `Davit needs Kubernetes ${OLDEST.major}.${OLDEST.minor} or newer: upgrade the cluster, or name another.`,
    })
  return gitVersion
}

async function checkServer(client: KubeClient, kept: Credentials, signal: AbortSignal | undefined): Promise<string> {
  const credential = await kept.current()
  try {
    return versionOf(credential.endpoint, await client.request({ method: 'GET', path: '/version', timeoutMs: CHECK_MS, signal }))
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    if (error.status === 401) throw unauthenticated(error, await kept.current())
    throw new DavitError(
      'unavailable',
      `The API server ${credential.endpoint.server} (${credential.endpoint.source}) answers ${error.status}: ${error.message}.`,
      { cause: error },
    )
  }
}

/**
 * Connects to a cluster: a context of a kubeconfig, or the cluster that this process is a pod of. Throws DavitError, saying what is
 * wrong, where, and what to do: `invalid` (kubeconfig, context, a server too old), `unauthenticated` (credentials), `unavailable`
 * and `timeout` (no answer, TLS). Close its client at the end.
 */
export async function connect(options: ConnectOptions): Promise<Connected> {
  const { kubeconfig, context, env = {}, serviceAccountDir, check = true, signal } = options
  const load = (): Promise<KubeEndpoint> => {
    if (options.inCluster) return inCluster(env, serviceAccountDir)
    if (kubeconfig === undefined) throw new DavitError('invalid', 'No kubeconfig is named.', { hint: 'Name one in the configuration.' })
    return readKubeconfig(kubeconfig, context)
  }
  const kept = credentials({ load, env })
  const endpoint = await load()
  const client = kubeClient({ server: endpoint.server, credentials: kept })
  const named = { client, namespace: endpoint.namespace, contextName: endpoint.contextName, user: endpoint.user.name }
  const asked = (until?: AbortSignal): Promise<string> => checkServer(client, kept, until)
  try {
    return { ...named, version: check ? await asked(signal) : undefined, checkServer: asked }
  } catch (error) {
    await client.close()
    throw error
  }
}
