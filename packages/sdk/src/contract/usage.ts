import * as z from 'zod'
import { endpoint } from './endpoint.ts'
import { Metric } from './metric.ts'

/** What something uses of a cluster's resources. It is not measured here: the console shows an empty `usage` as nothing. */
export const Usage = z.looseObject({ name: z.string(), usage: z.looseObject({}) }).meta({ id: 'Usage' })
export type Usage = z.infer<typeof Usage>

/** The same over time, as dhcli reads it: none. */
export const ResourceMetrics = z.looseObject({ metrics: z.array(z.looseObject({ name: z.string() })) }).meta({ id: 'ResourceMetrics' })
export type ResourceMetrics = z.infer<typeof ResourceMetrics>

const NOW = 'what is used now: not measured'
const OVER_TIME = 'what was used over time: not measured'
const RUN = '/api/v1/-/:project/runs/:id'

export const usageEndpoints = {
  ofServer: endpoint({ method: 'GET', path: '/api/v1/metrics/k8s', summary: `Of all: ${NOW}`, returns: Usage }),
  ofAccount: endpoint({ method: 'GET', path: '/api/v1/users/me/metrics/k8s', summary: `By the caller: ${NOW}`, returns: Usage }),
  ofProject: endpoint({ method: 'GET', path: '/api/v1/projects/:name/metrics/k8s', summary: `In a project: ${NOW}`, returns: Usage }),
  ofRun: endpoint({
    method: 'GET',
    path: `${RUN}/metrics/k8s`,
    summary: `By a run: ${NOW}. What the run itself measured under this name, where it did`,
    returns: z.union([Usage, Metric]),
  }),
  seriesOfServer: endpoint({ method: 'GET', path: '/api/v1/resource_metrics', summary: `Of all: ${OVER_TIME}`, returns: ResourceMetrics }),
  seriesOfProject: endpoint({
    method: 'GET',
    path: '/api/v1/projects/:name/resource_metrics',
    summary: `In a project: ${OVER_TIME}`,
    returns: ResourceMetrics,
  }),
  seriesOfRun: endpoint({ method: 'GET', path: `${RUN}/resource_metrics`, summary: `By a run: ${OVER_TIME}`, returns: ResourceMetrics }),
} as const
