import * as z from 'zod'
import { Envs } from './env.ts'
import { ProcessText, Slug } from './name.ts'
import { Resources } from './resources.ts'
import { Affinity, Labels, NodeSelector, PodSecurity, Toleration } from './scheduling.ts'
import { ServicePort, ServiceType } from './service.ts'
import { Volume } from './volume.ts'

export const ImagePullPolicy = z.enum(['IfNotPresent', 'Always', 'Never']).meta({ id: 'ImagePullPolicy' })
export type ImagePullPolicy = z.infer<typeof ImagePullPolicy>

const Image = z.string().trim().min(1)
const Words = z.union([ProcessText.min(1), z.array(ProcessText)])

/** Where code comes from, as DigitalHub writes it; kept and given back whole. */
export const Source = z
  .looseObject({ source: z.string().optional(), handler: z.string().optional(), base64: z.string().optional(), lang: z.string().optional() })
  .meta({ id: 'Source' })

/**
 * What to run. `entrypoint` and `command` name the process, `args` its arguments, with Kubernetes' meaning on every engine:
 * a process given here replaces the image's ENTRYPOINT and CMD, `args` alone replace CMD. With both `entrypoint` and `command`,
 * the entrypoint is the process and the command its first arguments. Text is one word, never split by a shell.
 */
export const functionParameters = {
  image: Image.optional(),
  base_image: Image.optional(),
  image_pull_policy: ImagePullPolicy.optional(),
  command: Words.optional(),
  entrypoint: Words.optional(),
  args: z.array(ProcessText).optional(),
  source: Source.optional(),
} as const

/** How and where to run it: the parameters of tasks and runs, of the mission page and of every line of the official SDK. */
export const runParameters = {
  node_selector: NodeSelector.optional(),
  affinity: Affinity.optional(),
  tolerations: z.array(Toleration).optional(),
  runtime_class: z.string().min(1).optional(),
  priority_class: z.string().min(1).optional(),
  volumes: z.array(Volume).optional(),
  resources: Resources.optional(),
  labels: Labels.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  envs: Envs.optional(),
  env: Envs.optional(),
  secrets: z.array(Slug).optional(),
  profile: z.string().optional(),
  replicas: z.int().min(1).max(1000).optional(),
  service_ports: z.array(ServicePort).optional(),
  service_type: ServiceType.optional(),
  service_name: z
    .string()
    .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, 'must be a DNS label: lower-case letters, digits and -')
    .max(63)
    .optional(),
  run_as_user: z.int().min(0).max(4_294_967_294).optional(),
  run_as_group: z.int().min(0).max(4_294_967_294).optional(),
  fs_group: z.int().min(0).max(4_294_967_294).optional(),
  /** Names of registry credentials that the cluster holds. */
  image_pull_secrets: z.array(z.string().min(1)).optional(),
  /** The cluster's account whose token the container gets. None by default. */
  service_account: z.string().min(1).optional(),
  /** `restricted`: what runs as root, or wants more than the least, is refused. The strictest of server, project and run counts. */
  pod_security: PodSecurity.optional(),
  /** One of the clusters that the server's configuration names. Default: the project's, else the server's. */
  cluster: z.string().min(1).optional(),
  /** Seconds that a job may take, from its container's start. */
  active_deadline_seconds: z.int().min(1).max(2_147_483_647).optional(),
  backoff_limit: z.int().min(0).max(100).optional(),
  schedule: z.string().optional(),
  termination_grace_period_seconds: z.int().min(0).max(86_400).optional(),
} as const

interface Lists {
  readonly volumes?: readonly Volume[] | undefined
  readonly service_ports?: readonly ServicePort[] | undefined
}

/** What may not be given twice: where it stands, and its values in the order given. */
const uniqueValues = ({ volumes = [], service_ports = [] }: Lists): readonly { list: string; field: string; values: readonly (string | number)[] }[] => [
  { list: 'volumes', field: 'name', values: volumes.map(({ name }) => name) },
  { list: 'volumes', field: 'mount_path', values: volumes.map(({ mount_path }) => mount_path) },
  { list: 'service_ports', field: 'port', values: service_ports.map(({ port, protocol }) => (protocol === 'UDP' ? `${port}/UDP` : port)) },
]

/** Two volumes of one name or path, or two ports of one number and protocol, cannot both be meant. */
export const refuseDuplicates = (spec: Lists, context: z.RefinementCtx): void => {
  for (const { list, field, values } of uniqueValues(spec))
    for (const [index, value] of values.entries())
      if (values.indexOf(value) < index) context.addIssue({ code: 'custom', path: [list, index, field], message: `is given twice: ${value}` })
}
