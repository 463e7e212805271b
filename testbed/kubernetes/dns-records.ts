import * as z from 'zod'
import type { DnsQuestion, DnsReply } from './dns-message.ts'

const Meta = z.object({ name: z.string(), namespace: z.string(), labels: z.record(z.string(), z.string()).optional() })

export const Service = z.object({ metadata: Meta, spec: z.object({ clusterIP: z.string().optional() }) })
export type Service = z.infer<typeof Service>

export const EndpointSlice = z.object({
  metadata: Meta,
  addressType: z.string(),
  endpoints: z.array(z.object({ addresses: z.array(z.string()), conditions: z.object({ ready: z.boolean().optional() }).optional() })).nullish(),
})
export type EndpointSlice = z.infer<typeof EndpointSlice>

export interface ClusterObjects {
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>
  readonly slices: ReadonlyMap<string, EndpointSlice>
}

const UNKNOWN = { code: 'no such name' } as const satisfies DnsReply

const isOf = ({ metadata }: EndpointSlice, service: Service): boolean =>
  metadata.namespace === service.metadata.namespace && metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name

const readyAddresses = (slices: Iterable<EndpointSlice>, service: Service): readonly string[] => {
  const own = [...slices].filter((slice) => slice.addressType === 'IPv4' && isOf(slice, service))
  const ready = own.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
  return [...new Set(ready.flatMap(({ addresses }) => addresses))]
}

const addressesOf = (service: Service, { slices }: ClusterObjects): readonly string[] | undefined => {
  const { clusterIP } = service.spec
  if (clusterIP === 'None') return readyAddresses(slices.values(), service)
  // One of type ExternalName has no address.
  return clusterIP ? [clusterIP] : undefined
}

/**
 * Answers from the cluster's objects: `NAME.NAMESPACE.svc.cluster.local` only. All other names are said not to exist, those outside of
 * the cluster too: some resolvers do not take a refusal for an answer and ask on for seconds.
 */
export const resolveName = ({ labels, forAddresses }: DnsQuestion, objects: ClusterObjects): DnsReply => {
  const [name, namespace, ...domain] = labels
  if (domain.join('.') !== 'svc.cluster.local') return UNKNOWN
  const service = objects.services.get(`${namespace}/${name}`)
  const addresses = service && addressesOf(service, objects)
  if (!addresses) return UNKNOWN
  return { code: 'answered', addresses: forAddresses ? addresses : [] }
}
