import { EndpointSlice, resolveName, Service } from './dns-records.ts'
import { serveDns } from './dns-server.ts'
import { kubeClient } from './kube-call.ts'
import { watchInto } from './kube-watch.ts'

/**
 * A cluster's DNS, a process on node n1: `dns-process.ts <kubeconfig> <address> <port>`. It knows the cluster's Services and asks nobody
 * else. Until it has heard of them all, it says that it cannot answer yet.
 */
const [, , kubeconfig = '', address = '', port = ''] = process.argv

const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`)

const objects = { services: new Map<string, Service>(), slices: new Map<string, EndpointSlice>() }
const awaited = new Set<keyof typeof objects>(['services', 'slices'])

const tell = (kind: keyof typeof objects) => ({
  onListed: () => {
    awaited.delete(kind)
    say(`${kind}: ${objects[kind].size} listed`)
  },
  onFailed: (error: unknown) => say(`${kind}: ${error instanceof Error ? error.message : String(error)}`),
})

await serveDns(address, Number(port), (question) => (awaited.size > 0 ? { code: 'unavailable' } : resolveName(question, objects)))
say(`answers at ${address}:${port}, UDP and TCP`)

const client = await kubeClient(kubeconfig)
await Promise.all([
  watchInto({ client, path: '/api/v1/services', schema: Service, into: objects.services, ...tell('services') }),
  watchInto({ client, path: '/apis/discovery.k8s.io/v1/endpointslices', schema: EndpointSlice, into: objects.slices, ...tell('slices') }),
])
