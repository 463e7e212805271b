import * as z from 'zod'
import { endpoint } from './endpoint.ts'

/** What a run measured under one name: one number, or a series in the order it was logged. */
export const Metric = z.union([z.number(), z.array(z.number())]).meta({ id: 'Metric' })
export type Metric = z.infer<typeof Metric>

/** Name → what was measured. */
export const Metrics = z.record(z.string(), Metric).meta({ id: 'Metrics' })
export type Metrics = z.infer<typeof Metrics>

const RUN = '/api/v1/-/:project/runs/:id'

export const metricEndpoints = {
  all: endpoint({ method: 'GET', path: `${RUN}/metrics`, summary: 'Everything that a run measured, by name', returns: Metrics }),
  get: endpoint({ method: 'GET', path: `${RUN}/metrics/:metric`, summary: 'What a run measured under one name', returns: Metric }),
  put: endpoint({ method: 'PUT', path: `${RUN}/metrics/:metric`, summary: 'Replace what a run measured under one name', body: Metric, returns: Metric }),
} as const
