import type { WorkloadRef } from '#domain/engine.ts'
import { type DockerClient, orMissing } from './client.ts'
import { ContainerInspect, type ContainerRow, ContainerRows } from './inspect.ts'
import { hasLabels, LABEL, type Labels, labelFilter } from './labels.ts'
import { isGone } from './observe.ts'

/** Reads of our containers. All are filtered by our labels: what is not ours does not exist here. */
export function containers(client: DockerClient, installation: string) {
  const { docker, within } = client
  const rows = async (more: Labels = {}): Promise<readonly ContainerRow[]> => {
    const wanted = { [LABEL.installation]: installation, ...more }
    const found = ContainerRows.parse(await within('read', (abortSignal) => docker.listContainers({ all: true, filters: labelFilter(wanted), abortSignal })))
    return found.filter((row) => hasLabels(row.Labels, wanted) && !isGone(row.State))
  }
  const inspect = async (id: string): Promise<ContainerInspect | undefined> => {
    const json = await orMissing(within('read', (abortSignal) => docker.getContainer(id).inspect({ abortSignal })))
    if (json === undefined) return undefined
    const container = ContainerInspect.parse(json)
    return isGone(container.State.Status) ? undefined : container
  }
  const ofWorkload = ({ name }: Pick<WorkloadRef, 'name'>): Promise<readonly ContainerRow[]> => rows({ [LABEL.workload]: name })
  const isOf = ({ name }: Pick<WorkloadRef, 'name'>, { Config }: ContainerInspect): boolean =>
    hasLabels(Config.Labels, { [LABEL.installation]: installation, [LABEL.workload]: name })
  return {
    all: () => rows(),
    /** Does a project have any, ended ones too? */
    inProject: (project: string): Promise<readonly ContainerRow[]> => rows({ [LABEL.project]: project }),
    ofWorkload,
    inspect,
    /** All containers of a workload, in full. One that vanishes between list and look is left out. */
    async inspectAll(ref: Pick<WorkloadRef, 'name'>): Promise<readonly ContainerInspect[]> {
      const found = await Promise.all((await ofWorkload(ref)).map(({ Id }) => inspect(Id)))
      return found.filter((container) => container !== undefined)
    },
    /** Its log's container, if it belongs to this workload. */
    async named(ref: Pick<WorkloadRef, 'name'>, name: string): Promise<ContainerInspect | undefined> {
      const container = await inspect(name)
      return container && isOf(ref, container) ? container : undefined
    },
    /** Is this name somebody else's? Not so while the engine makes a container of that name: it gives the name away first, and is asked again later. */
    async isForeign(ref: Pick<WorkloadRef, 'name'>, name: string): Promise<boolean> {
      const container = await inspect(name)
      return container !== undefined && !isOf(ref, container)
    },
  }
}
export type Containers = ReturnType<typeof containers>
