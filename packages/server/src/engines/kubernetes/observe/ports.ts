import type { ContainerObservation, PublishedPort } from '#domain/observation.ts'
import { ALIAS_OF } from '../manifests/services.ts'
import type { Pod, Service, ServicePortObject } from '../objects.ts'
import type { KubeSeen } from './seen.ts'

interface Address {
  readonly host: string
  readonly hostPort: number
}

const bracketed = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

/** The run's own Service; its other names lead to the same pods. */
export const ownService = ({ services }: Pick<KubeSeen, 'services'>): Service | undefined =>
  services.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).find(({ metadata }) => metadata.annotations?.[ALIAS_OF] === undefined) ??
  services[0]

const inside = ({ metadata }: Service, { port }: ServicePortObject): Address => ({
  host: `${metadata.name}.${metadata.namespace ?? 'default'}`,
  hostPort: port,
})

const balancerOf = ({ status }: Service): string | undefined => {
  const [ingress] = status?.loadBalancer?.ingress ?? []
  const host = ingress?.ip ?? ingress?.hostname
  return host === undefined ? undefined : bracketed(host)
}

/** Where callers reach one port, from as far outside as its Service lets them. */
function addressOf(service: Service, port: ServicePortObject, node: string | undefined): Address {
  const type = service.spec?.type ?? 'ClusterIP'
  const balancer = type === 'LoadBalancer' ? balancerOf(service) : undefined
  if (balancer !== undefined) return { host: balancer, hostPort: port.port }
  if (type !== 'ClusterIP' && port.nodePort !== undefined && node !== undefined) return { host: bracketed(node), hostPort: port.nodePort }
  return inside(service, port)
}

/** Readiness is asked of the first TCP port only; of the others nobody knows. */
function listening(port: ServicePortObject, first: ServicePortObject | undefined, containers: readonly ContainerObservation[]): boolean | undefined {
  const running = containers.filter(({ state }) => state === 'running')
  if (port !== first || running.length === 0) return undefined
  return running.some(({ ready }) => ready)
}

const isTcp = ({ protocol = 'TCP' }: ServicePortObject): boolean => protocol === 'TCP'

/** Where the service answers. */
export function portsOf(seen: KubeSeen, pods: readonly Pod[], containers: readonly ContainerObservation[]): readonly PublishedPort[] {
  const service = ownService(seen)
  const ports = service?.spec?.ports ?? []
  const node = seen.nodeAddress ?? pods.map(({ status }) => status?.hostIP).find(Boolean)
  return ports.flatMap((port) => {
    if (!service || port.protocol === 'SCTP') return []
    const { name = `port${port.port}`, targetPort, nodePort } = port
    const target = typeof targetPort === 'number' ? targetPort : port.port
    return [
      {
        name,
        port: port.port,
        targetPort: target,
        protocol: port.protocol ?? 'TCP',
        ...addressOf(service, port, node),
        nodePort,
        listening: listening(port, ports.find(isTcp), containers),
      },
    ]
  })
}

/** The address inside the cluster; a headless Service has none. */
export const clusterIPOf = (seen: KubeSeen): string | undefined => {
  const address = ownService(seen)?.spec?.clusterIP
  return address === 'None' || address === '' ? undefined : address
}

/** Where a load balancer answers, with scheme; undefined until it has an address. */
export function loadBalancerOf(seen: KubeSeen): string | undefined {
  const service = ownService(seen)
  const [port] = service?.spec?.ports ?? []
  const host = service?.spec?.type === 'LoadBalancer' ? balancerOf(service) : undefined
  return host === undefined || !port ? undefined : `${port.port === 443 ? 'https' : 'http'}://${host}:${port.port}`
}
