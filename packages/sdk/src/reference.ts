import { DavitError } from '#contract/error.ts'

/** Project and id of `store://project/function/container/name:id`, or of a run's or task's key. Undefined: not a key with an id. */
const parseEntityKey = (key: string): { readonly project: string; readonly id: string } | undefined => {
  const [, project, last] = key.match(/^store:\/\/([^/]+)\/[^/]+\/[^/]+\/([^/]+)$/) ?? []
  const id = last?.split(':').at(-1)
  return project && id ? { project, id } : undefined
}

/** Which entity is meant: its `store://` key, which says the project, or its id beside one. */
export interface InProject {
  /** Not needed with a key. */
  readonly project?: string | undefined
}

/** Project and id of a key, or of an id and the project beside it. Throws `invalid` when neither says the project. */
export const locate = (keyOrId: string, { project }: InProject): { readonly project: string; readonly id: string } => {
  const key = parseEntityKey(keyOrId)
  if (key) return key
  if (keyOrId.includes('://')) throw new DavitError('invalid', `${keyOrId} is not a key`, { hint: 'write it as store://project/function/container/name:id' })
  if (project === undefined)
    throw new DavitError('invalid', `the project of ${keyOrId} is not given`, { path: 'project', hint: 'give { project } or a store:// key' })
  return { project, id: keyOrId }
}
