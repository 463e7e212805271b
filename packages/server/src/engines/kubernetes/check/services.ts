import { ACTIONS } from 'davit/contract'
import type { Problem } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'

const repeated = <T>(values: readonly (T | undefined)[], index: number): boolean => values[index] !== undefined && values.indexOf(values[index]) < index

/** From which ports a cluster gives out node ports is its administrator's choice: its dry run says. */
function portProblems({ ports, serviceType }: Workload): readonly Problem[] {
  const onNode = serviceType === 'NodePort' || serviceType === 'LoadBalancer'
  const keys = ports.map(({ port, protocol }) => `${port}/${protocol}`)
  const names = ports.map(({ name, protocol }) => `${name}/${protocol}`)
  const nodePorts = ports.map(({ nodePort, protocol }) => (nodePort === undefined ? undefined : `${nodePort}/${protocol}`))
  return ports.flatMap(({ port, name, nodePort }, index) => {
    const at = (field: string, message: string | false): readonly Problem[] =>
      message === false ? [] : [{ path: `spec.service_ports.${index}.${field}`, message }]
    return [
      ...at('port', repeated(keys, index) && `is given twice: ${port}`),
      ...at('name', repeated(names, index) && !repeated(keys, index) && `is given twice: ${name}`),
      ...at('node_port', repeated(nodePorts, index) && `is given twice: ${nodePort}`),
      ...at('node_port', nodePort !== undefined && !onNode && `needs service_type NodePort or LoadBalancer; ${serviceType} opens no port on the nodes`),
    ]
  })
}

export function serviceProblems(workload: Workload): readonly Problem[] {
  if (!ACTIONS[workload.action].service) return []
  return [
    ...(workload.serviceType === 'ExternalName'
      ? [
          {
            path: 'spec.service_type',
            message: 'is ExternalName, which names a host elsewhere and no container: use ClusterIP, NodePort, LoadBalancer or Headless',
          },
        ]
      : []),
    ...portProblems(workload),
  ]
}
