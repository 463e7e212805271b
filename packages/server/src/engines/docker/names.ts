import type { Workload, WorkloadVolume } from '#domain/workload.ts'

const short = (installation: string): string =>
  installation
    .replaceAll(/[^a-zA-Z0-9]/g, '')
    .slice(0, 8)
    .toLowerCase()

/** A container's name; also the name of its log. */
export const containerName = (workload: Pick<Workload, 'name'>, replica: number): string => `${workload.name}-${replica}`

/** A host name holds at most 63 characters. */
export const hostName = (container: string): string => container.slice(-63).replace(/^-+/, '')

/** One network for each project of an installation. */
export const networkName = (installation: string, project: string): string => `davit-${short(installation)}-${project}`

/** A volume that outlives attempts: found again by its name. */
export const runVolumeName = (installation: string, workload: Workload, volume: WorkloadVolume): string =>
  `davit-${short(installation)}-${workload.runId}-${volume.name}`

/** A volume that outlives runs: shared by name within a project. */
export const sharedVolumeName = (installation: string, workload: Workload, volume: WorkloadVolume): string =>
  `davit-${short(installation)}-${workload.project}-shared-${volume.claimName ?? volume.name}`
