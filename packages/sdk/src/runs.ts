import type { RunFilters } from '#client/runs.ts'
import { clientOf, type HandleOptions } from './handle-options.ts'
import { type InProject, locate } from './reference.ts'
import { RunHandle } from './run-handle.ts'

/** A run by its `store://` key, or by its id in a project. Throws `not_found`. */
export const getRun = async (keyOrId: string, { project, ...options }: InProject & HandleOptions = {}): Promise<RunHandle> => {
  const client = clientOf(options)
  const at = locate(keyOrId, { project })
  return new RunHandle(client, await client.runs.get(at.project, at.id, options))
}

/** The runs of a project, newest first. */
export const listRuns = async (project: string, filters: RunFilters = {}, options: HandleOptions = {}): Promise<RunHandle[]> => {
  const client = clientOf(options)
  return client.runs
    .list(project, filters, options)
    .map((run) => new RunHandle(client, run))
    .all()
}

/** Deletes a run by its key or id, with its logs and volumes; one that runs is stopped first. */
export const deleteRun = async (keyOrId: string, { project, ...options }: InProject & HandleOptions = {}): Promise<void> => {
  const at = locate(keyOrId, { project })
  return clientOf(options).runs.delete(at.project, at.id, options)
}
