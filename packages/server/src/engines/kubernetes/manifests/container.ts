import type { Workload } from '#domain/workload.ts'
import type { Container, EnvEntry, ManifestOptions } from './manifest.ts'
import { CONTAINER, dataKey } from './names.ts'
import { requirementsOf } from './quantities.ts'
import { volumeMounts } from './volumes.ts'

/** Text as the container gets it: Kubernetes would replace `$(NAME)` and read `$$` as `$`, which no other engine does. */
export const literal = (text: string): string => text.replace(/\${2,}|\$(?=\()/g, (signs) => signs + signs)

/** The user's variables, then those of secrets; of one name the last counts, as on every engine. */
export function envOf({ name: workload, env, secretNames }: Pick<Workload, 'name' | 'env' | 'secretNames'>): readonly EnvEntry[] {
  const all: readonly EnvEntry[] = [
    ...env.map(({ name, value }) => ({ name, value: literal(value) })),
    ...secretNames.map((name) => ({ name, valueFrom: { secretKeyRef: { name: workload, key: dataKey(name) } } })),
  ]
  return [...new Map(all.map((entry) => [entry.name, entry])).values()]
}

/** Ports that something listens on: each once, whatever number of services name it. */
const portsOf = ({ ports }: Workload) => [
  ...new Map(ports.map(({ targetPort, protocol }) => [`${targetPort}/${protocol}`, { containerPort: targetPort, protocol }])).values(),
]

/** A service is ready when its first TCP port answers: not before, and not because its process merely runs. */
const probeOf = ({ ports }: Workload): Container['readinessProbe'] => {
  const port = ports.find(({ protocol }) => protocol === 'TCP')?.targetPort
  return port === undefined ? undefined : { tcpSocket: { port }, periodSeconds: 1 }
}

/** Capabilities of a runtime's own set that ordinary images do not need: raw packets, device nodes, the audit log, file capabilities. As on Docker. */
const DROPPED = ['NET_RAW', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP']

/** No more rights than an ordinary image needs; images that start as root still work. `restricted` drops them all. */
const securityOf = ({ podSecurity }: Workload): Container['securityContext'] => ({
  privileged: false,
  allowPrivilegeEscalation: false,
  capabilities: { drop: podSecurity === 'restricted' ? ['ALL'] : DROPPED },
})

const words = (list: readonly string[] | undefined): readonly string[] | undefined => (list && list.length > 0 ? list.map(literal) : undefined)

export function containerOf(workload: Workload, { defaults }: Pick<ManifestOptions, 'defaults'>): Container {
  const { image, pullPolicy } = workload
  const command = words(workload.command)
  const args = words(workload.args)
  const env = envOf(workload)
  const ports = portsOf(workload)
  const resources = requirementsOf(workload, defaults)
  const mounts = volumeMounts(workload)
  const readinessProbe = probeOf(workload)
  return {
    name: CONTAINER,
    image,
    imagePullPolicy: pullPolicy,
    ...(command && { command }),
    ...(args && { args }),
    ...(env.length > 0 && { env }),
    ...(ports.length > 0 && { ports }),
    ...(resources && { resources }),
    ...(mounts.length > 0 && { volumeMounts: mounts }),
    ...(readinessProbe && { readinessProbe }),
    securityContext: securityOf(workload),
  }
}
