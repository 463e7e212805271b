import { ACTIONS } from 'davit/contract'
import type { Workload, WorkloadPort } from '#domain/workload.ts'
import type { ManifestOptions, ServiceManifest } from './manifest.ts'
import { metadataOf, selectorOf } from './metadata.ts'
import { aliasNames, ownServiceName } from './names.ts'

/** Label of pods that callers from outside may reach, for the namespace's network policy. */
export const EXPOSED = 'davit.dev/exposed'
/** Annotation of Services under a name that other runs may claim too: the project that holds it. Only this project may take it over. */
export const ALIAS_OF = 'davit.dev/alias-of'

export const isExposed = ({ action, serviceType }: Workload): boolean =>
  ACTIONS[action].service && (serviceType === 'NodePort' || serviceType === 'LoadBalancer')

/** Ports of one Service have names that differ, also where one number is open for TCP and UDP. */
export const portNames = (ports: readonly WorkloadPort[]): readonly string[] =>
  ports.map(({ name, protocol }, index) => {
    const taken = ports.some((other, before) => before !== index && other.name === name && (before < index || other.protocol !== protocol))
    return taken ? `${name}-${protocol.toLowerCase()}` : name
  })

function specOf(workload: Workload, options: ManifestOptions, type: ServiceManifest['spec']['type']): ServiceManifest['spec'] {
  const names = portNames(workload.ports)
  return {
    type,
    ...(workload.serviceType === 'Headless' && { clusterIP: 'None' }),
    selector: selectorOf(workload, options),
    ports: workload.ports.map(({ port, targetPort, protocol, nodePort }, index) => ({
      name: names[index] ?? `port${port}`,
      port,
      targetPort,
      protocol,
      ...(nodePort !== undefined && type !== 'ClusterIP' && { nodePort }),
    })),
  }
}

/** The Services of a serve: first the run's own, of the type that was asked for; then its other names, for callers inside. */
export function serviceManifests(workload: Workload, options: ManifestOptions): readonly ServiceManifest[] {
  if (!ACTIONS[workload.action].service || workload.ports.length === 0) return []
  const type = workload.serviceType === 'NodePort' || workload.serviceType === 'LoadBalancer' ? workload.serviceType : 'ClusterIP'
  const own: ServiceManifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(workload, options, ownServiceName(workload)),
    spec: specOf(workload, options, type),
  }
  const aliases = aliasNames(workload, options.shared).map((name): ServiceManifest => {
    const metadata = metadataOf(workload, options, name)
    return {
      ...own,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [ALIAS_OF]: workload.project } },
      spec: specOf(workload, options, 'ClusterIP'),
    }
  })
  return [own, ...aliases]
}
