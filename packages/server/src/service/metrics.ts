import { DavitError, type Metric, type Metrics, notFound } from 'davit/contract'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { noSuchRun } from './runs.ts'

const MAX_NAME = 256

export const metricService = ({ store }: ServiceDeps) => {
  const assertRun = async (project: string, id: string): Promise<void> => {
    if (!(await store.runs.find(project, id))) throw noSuchRun(project, id)
  }
  return {
    /** By name; of a run that measured nothing an empty object. */
    async all(caller: Caller, { project, id }: { project: string; id: string }): Promise<Metrics> {
      assertMay(caller, 'run.read', project)
      await assertRun(project, id)
      return store.metrics.of(id)
    },

    async get(caller: Caller, { project, id, metric }: { project: string; id: string; metric: string }): Promise<Metric> {
      assertMay(caller, 'run.read', project)
      await assertRun(project, id)
      const value = await store.metrics.find(id, metric)
      if (value === undefined) throw notFound('metric', `Run ${id} measured nothing called ${metric}.`)
      return value
    },

    /** Replaces what is there: clients send a series whole, with each of its steps. The first is told in the audit log. */
    async put(caller: Caller, { project, id, metric }: { project: string; id: string; metric: string }, value: Metric): Promise<Metric> {
      assertMay(caller, 'run.write', project)
      if (metric.length > MAX_NAME) throw new DavitError('invalid', `the name of a metric has ${MAX_NAME} characters at most`, { path: 'metric' })
      await assertRun(project, id)
      await store.transact(async (inside) => {
        if (await inside.metrics.put(id, metric, value))
          await inside.audit.write({ by: caller, verb: 'run.measure', project, entity: 'run', entityId: id, detail: { metric } })
      })
      return value
    },
  }
}
