import { makeCertificate } from './certificate.ts'
import { clusterPaths, nodeAddress, nodeName } from './layout.ts'
import { readAuthority } from './pki.ts'

/** What a program needs that stands in for the kubelet of the nodes that kwok plays: they all have this address. */
export const serverCertificate = async (cluster: string): Promise<{ readonly key: string; readonly certificate: string; readonly address: string }> => {
  const subject = { name: `system:node:${nodeName(0)}`, groups: ['system:nodes'] }
  const address = nodeAddress(0)
  const credentials = makeCertificate(await readAuthority(clusterPaths(cluster)), { subject, use: 'server', hosts: [address, '127.0.0.1'] })
  return { ...credentials, address }
}
