import * as z from 'zod'

const Port = z.int({ error: 'must be one port number from 1 to 65535; for a range give one entry a port' }).min(1).max(65_535)

/** A port of a service: callers use `port`, the container listens on `target_port` (default: the same). */
export const ServicePort = z
  .looseObject({
    port: Port,
    target_port: Port.optional(),
    node_port: Port.optional(),
    name: z
      .string()
      .min(1)
      .max(15)
      .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must hold only lower-case letters, digits and -')
      .optional(),
    protocol: z.enum(['TCP', 'UDP']).optional(),
  })
  .meta({ id: 'ServicePort' })
export type ServicePort = z.infer<typeof ServicePort>

/**
 * Who reaches a service: `ClusterIP` other containers of the project; `NodePort` and `LoadBalancer` callers outside too.
 * `Headless` is a ClusterIP without an address of its own: its name resolves to the containers.
 * On Docker a `ClusterIP` service is also published on loopback, so that a laptop's owner can open it.
 */
export const ServiceType = z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', 'Headless']).meta({ id: 'ServiceType' })
export type ServiceType = z.infer<typeof ServiceType>

/** Where a running service answers. `url` has no scheme: official clients prepend `http://` themselves. */
export const ServiceStatus = z
  .looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    type: ServiceType,
    clusterIP: z.string().optional(),
    ports: z.array(z.looseObject({ name: z.string(), port: z.int(), protocol: z.string(), targetPort: z.int(), nodePort: z.int().optional() })),
    url: z.string().optional(),
    urls: z.array(z.string()).optional(),
    /** Where a load balancer answers, with scheme. */
    load_balancer: z.string().optional(),
  })
  .meta({ id: 'ServiceStatus' })
export type ServiceStatus = z.infer<typeof ServiceStatus>
