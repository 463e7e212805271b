import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Authority, type KeyedCertificate, makeAuthority, makeCertificate, type Subject } from './certificate.ts'
import { kubeconfig } from './kubeconfig.ts'
import { API_URL, type ClusterPaths, NETWORK, nodeAddress, nodeName, type NodePaths } from './layout.ts'

const AUTHORITY_NAME = 'davit-testbed'
const SERVICE_NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']

/** Clients of the control plane. */
const CLIENTS = {
  admin: { name: 'davit-testbed-admin', groups: ['system:masters'] },
  'kube-controller-manager': { name: 'system:kube-controller-manager' },
  'kube-scheduler': { name: 'system:kube-scheduler' },
  'kube-proxy': { name: 'system:kube-proxy' },
  kwok: { name: 'davit-testbed-kwok', groups: ['system:masters'] },
  'front-proxy': { name: 'front-proxy' },
  'apiserver-kubelet': { name: 'apiserver-kubelet', groups: ['system:masters'] },
} as const satisfies Record<string, Subject>

const SECRET = { mode: 0o600 }
const writePair = async (folder: string, name: string, { certificate, key }: KeyedCertificate): Promise<void> => {
  await writeFile(join(folder, `${name}.crt`), certificate)
  await writeFile(join(folder, `${name}.key`), key, SECRET)
}

/** The cluster's authority, from its folder. */
export const readAuthority = async ({ pki }: ClusterPaths): Promise<Authority> => ({
  certificate: await readFile(join(pki, 'ca.crt'), 'utf8'),
  key: await readFile(join(pki, 'ca.key'), 'utf8'),
  subject: { name: AUTHORITY_NAME },
})

/** Keys, certificates and kubeconfigs of a new cluster. The one of people (`hostKubeconfig`) is written when its port is known. */
export const writePki = async (paths: ClusterPaths): Promise<void> => {
  const { pki } = paths
  await mkdir(pki, { recursive: true, mode: 0o700 })
  const authority = makeAuthority(AUTHORITY_NAME)
  await writePair(pki, 'ca', authority)
  const hosts = ['127.0.0.1', nodeAddress(0), NETWORK.kubernetes, 'localhost', ...SERVICE_NAMES]
  await writePair(pki, 'apiserver', makeCertificate(authority, { subject: { name: 'kube-apiserver' }, use: 'server', hosts }))
  for (const [name, subject] of Object.entries(CLIENTS)) {
    const credentials = makeCertificate(authority, { subject, use: 'client' })
    await writePair(pki, name, credentials)
    await writeFile(join(pki, `${name}.kubeconfig`), kubeconfig({ server: API_URL, authority: authority.certificate, credentials }), SECRET)
  }
  const admin = await readFile(join(pki, 'admin.kubeconfig'))
  await writeFile(paths.adminKubeconfig, admin, SECRET)
  const tokens = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(join(pki, 'tokens.key'), tokens.privateKey.export({ type: 'pkcs8', format: 'pem' }), SECRET)
  await writeFile(join(pki, 'tokens.pub'), tokens.publicKey.export({ type: 'spki', format: 'pem' }))
}

/** What the kubelet of a node needs. */
export const writeNodePki = async (cluster: ClusterPaths, node: NodePaths, index: number): Promise<void> => {
  const authority = await readAuthority(cluster)
  const subject = { name: `system:node:${nodeName(index)}`, groups: ['system:nodes'] }
  const hosts = [nodeAddress(index), '127.0.0.1', nodeName(index)]
  await writePair(node.dir, 'kubelet-server', makeCertificate(authority, { subject, use: 'server', hosts }))
  const credentials = makeCertificate(authority, { subject, use: 'client' })
  await writeFile(join(node.dir, 'kubelet.kubeconfig'), kubeconfig({ server: API_URL, authority: authority.certificate, credentials }), SECRET)
}

/** The kubeconfig of people, once the relay's port is known. */
export const writeHostKubeconfig = async (paths: ClusterPaths, port: number): Promise<void> => {
  const authority = await readFile(join(paths.pki, 'ca.crt'), 'utf8')
  const [certificate, key] = await Promise.all(['admin.crt', 'admin.key'].map((name) => readFile(join(paths.pki, name), 'utf8')))
  const credentials = { certificate: certificate ?? '', key: key ?? '' }
  await writeFile(paths.hostKubeconfig, kubeconfig({ server: `https://127.0.0.1:${port}`, authority, credentials }), SECRET)
}
