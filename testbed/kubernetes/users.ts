import { randomUUID, sign } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { makeCertificate } from './certificate.ts'
import { TOKEN_ISSUER } from './component-commands.ts'
import { kubeClient } from './kube-call.ts'
import { type Credentials, kubeconfig } from './kubeconfig.ts'
import type { ClusterPaths } from './layout.ts'
import { readAuthority } from './pki.ts'

export interface UserRequest {
  readonly user: string
  readonly groups?: readonly string[]
  /** Default: 30 days. */
  readonly validSeconds?: number
  /** The context's namespace. Default: `default`. */
  readonly namespace?: string
}

export interface TokenRequest {
  readonly namespace: string
  readonly serviceAccount: string
  readonly validSeconds: number
}

const Server = z.object({ clusters: z.tuple([z.object({ cluster: z.object({ server: z.string() }) })]) })

/** A kubeconfig beside the cluster's files, with the same server as another one. */
const writeLike = async (paths: ClusterPaths, like: string, { credentials, namespace }: { credentials: Credentials; namespace?: string | undefined }) => {
  const { clusters } = Server.parse(JSON.parse(await readFile(like, 'utf8')))
  const [{ cluster }] = clusters
  const authority = await readFile(join(paths.pki, 'ca.crt'), 'utf8')
  const folder = join(paths.dir, 'users')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${randomUUID()}.kubeconfig`)
  await writeFile(file, kubeconfig({ server: cluster.server, authority, credentials, ...(namespace && { namespace }) }), { mode: 0o600 })
  return file
}

/** Path of a kubeconfig with a new client certificate. */
export const userKubeconfig = async (paths: ClusterPaths, like: string, request: UserRequest): Promise<string> => {
  const { user, groups = [], validSeconds, namespace } = request
  const credentials = makeCertificate(await readAuthority(paths), { subject: { name: user, groups }, use: 'client', ...(validSeconds && { validSeconds }) })
  return writeLike(paths, like, { credentials, namespace })
}

/** The API server takes a token for this long after its end, for clocks that differ. */
const LEEWAY_S = 60

const Account = z.object({ metadata: z.object({ uid: z.string() }) })
const base64 = (data: object): string => Buffer.from(JSON.stringify(data)).toString('base64url')

/**
 * Path of a kubeconfig with a token of a service account. It is signed here, with the cluster's own key: the API server gives none
 * that ends in less than ten minutes.
 */
export const tokenKubeconfig = async (paths: ClusterPaths, like: string, request: TokenRequest): Promise<string> => {
  const { namespace, serviceAccount, validSeconds } = request
  const client = await kubeClient(like)
  const { status, body } = await client.call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}`).finally(() => client.close())
  if (status !== 200) throw new Error(`no service account ${namespace}/${serviceAccount}: ${JSON.stringify(body)}`)
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: TOKEN_ISSUER,
    aud: [TOKEN_ISSUER],
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
    iat: now - 2 * LEEWAY_S,
    nbf: now - 2 * LEEWAY_S,
    exp: now + validSeconds - LEEWAY_S,
    jti: randomUUID(),
    'kubernetes.io': { namespace, serviceaccount: { name: serviceAccount, uid: Account.parse(body).metadata.uid } },
  }
  const content = `${base64({ alg: 'RS256', typ: 'JWT' })}.${base64(claims)}`
  const signature = sign('sha256', Buffer.from(content), await readFile(join(paths.pki, 'tokens.key'), 'utf8')).toString('base64url')
  return writeLike(paths, like, { credentials: { token: `${content}.${signature}` }, namespace })
}
