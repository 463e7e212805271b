import type { Metric, ResourceMetrics, Usage } from 'davit/contract'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { noSuchProject } from './projects.ts'
import { noSuchRun } from './runs.ts'

const unmeasured = (name: string): Usage => ({ name, usage: {} })
const NO_SERIES: ResourceMetrics = { metrics: [] }

/** What is used of a cluster: nobody measures it here, and whoever may not see a thing is not told that. */
export const usageService = ({ store }: ServiceDeps) => {
  const assertProject = async (caller: Caller, project: string): Promise<void> => {
    assertMay(caller, 'project.read', project)
    if (!(await store.projects.find(project))) throw noSuchProject(project)
  }
  const assertRun = async (caller: Caller, { project, id }: { project: string; id: string }): Promise<void> => {
    assertMay(caller, 'run.read', project)
    if (!(await store.runs.find(project, id))) throw noSuchRun(project, id)
  }
  return {
    async ofServer(caller: Caller): Promise<Usage> {
      assertMay(caller, 'server.read')
      return unmeasured('server')
    },
    async ofAccount(caller: Caller): Promise<Usage> {
      assertMay(caller, 'account.read')
      return unmeasured(caller.name)
    },
    async ofProject(caller: Caller, project: string): Promise<Usage> {
      await assertProject(caller, project)
      return unmeasured(project)
    },
    /** Or what the run itself measured under the same name: its metrics have the same address. */
    async ofRun(caller: Caller, run: { project: string; id: string }): Promise<Usage | Metric> {
      await assertRun(caller, run)
      return (await store.metrics.find(run.id, 'k8s')) ?? unmeasured('run')
    },
    async seriesOfServer(caller: Caller): Promise<ResourceMetrics> {
      assertMay(caller, 'server.read')
      return NO_SERIES
    },
    async seriesOfProject(caller: Caller, project: string): Promise<ResourceMetrics> {
      await assertProject(caller, project)
      return NO_SERIES
    },
    async seriesOfRun(caller: Caller, run: { project: string; id: string }): Promise<ResourceMetrics> {
      await assertRun(caller, run)
      return NO_SERIES
    },
  }
}
