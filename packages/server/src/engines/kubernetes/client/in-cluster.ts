import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { DavitError } from 'davit/contract'
import type { KubeEndpoint } from './endpoint.ts'

/** Where a pod finds its service account. */
export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The API server of the cluster that this process is a pod of, as the pod's service account. Throws DavitError `invalid` elsewhere. */
export async function inCluster(env: Readonly<Record<string, string | undefined>>, dir: string = SERVICE_ACCOUNT_DIR): Promise<KubeEndpoint> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env
  const tokenFile = join(dir, 'token')
  const token = await readFile(tokenFile, 'utf8').catch(() => undefined)
  if (!host || token === undefined)
    throw new DavitError(
      'invalid',
      `This process is not in a pod of Kubernetes: ${host ? `${tokenFile} cannot be read` : 'KUBERNETES_SERVICE_HOST is not set'}.`,
      {
        hint: 'Name a kubeconfig instead; in a pod, give it a service account and do not switch off its token (automountServiceAccountToken).',
      },
    )
  const namespace = await readFile(join(dir, 'namespace'), 'utf8').catch(() => '')
  return {
    source: `service account of this pod (${dir})`,
    contextName: 'in-cluster',
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim() || 'default',
    authority: { file: join(dir, 'ca.crt') },
    insecure: false,
    tlsServerName: undefined,
    proxyUrl: undefined,
    user: {
      name: 'service account',
      token: undefined,
      tokenFile,
      certificate: undefined,
      key: undefined,
      basic: undefined,
      exec: undefined,
      legacy: undefined,
      impersonate: {},
    },
    files: [tokenFile, join(dir, 'ca.crt')],
  }
}
