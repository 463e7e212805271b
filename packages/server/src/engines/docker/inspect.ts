import * as z from 'zod'

const Labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {})
const Bindings = z
  .record(z.string(), z.array(z.looseObject({ HostIp: z.string().default(''), HostPort: z.string().default('') })).nullish())
  .nullish()
  .transform((ports) => ports ?? {})

/** What we read of `GET /containers/{id}/json`. */
export const ContainerInspect = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.number().default(0),
  State: z.looseObject({
    Status: z.string(),
    OOMKilled: z.boolean().default(false),
    Pid: z.number().default(0),
    ExitCode: z.number().default(0),
    Error: z.string().default(''),
    StartedAt: z.string().default(''),
    FinishedAt: z.string().default(''),
  }),
  Config: z.looseObject({ Labels }),
  HostConfig: z.looseObject({ PortBindings: Bindings, Memory: z.number().default(0) }),
  NetworkSettings: z.looseObject({
    Ports: Bindings,
    Networks: z
      .record(z.string(), z.looseObject({ IPAddress: z.string().default('') }))
      .nullish()
      .transform((networks) => networks ?? {}),
  }),
})
export type ContainerInspect = z.infer<typeof ContainerInspect>

/** What we read of one row of `GET /containers/json`. */
export const ContainerRows = z.array(z.looseObject({ Id: z.string(), State: z.string(), Labels }))
export type ContainerRow = z.infer<typeof ContainerRows>[number]

/** The zero time of Go means "never". Podman adds the zone, Docker writes Z. */
export function timeOf(text: string): string | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) || time <= 0 ? undefined : new Date(time).toISOString()
}
