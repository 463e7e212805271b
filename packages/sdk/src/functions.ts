import type { FunctionFilters } from '#client/functions.ts'
import type { Description } from './describe.ts'
import { FunctionHandle } from './function-handle.ts'
import { functionInput, type NewFunction } from './function-input.ts'
import { clientOf, type HandleOptions } from './handle-options.ts'
import { type InProject, locate } from './reference.ts'

/** A new function, or a new version of one. Throws `invalid` for an unknown parameter, `not_found` without the project. */
export const newFunction = async ({ project, ...fn }: NewFunction & { readonly project: string }, options: HandleOptions = {}): Promise<FunctionHandle> => {
  const client = clientOf(options)
  return new FunctionHandle(client, await client.functions.create(project, functionInput(fn), options))
}

export interface WhichFunction extends InProject {
  /** A version's id. Default: the latest version. */
  readonly id?: string | undefined
}

/** A function by its `store://` key, or by its name in a project. Throws `not_found`. */
export const getFunction = async (keyOrName: string, { project, id, ...options }: WhichFunction & HandleOptions = {}): Promise<FunctionHandle> => {
  const client = clientOf(options)
  const at = locate(keyOrName, { project })
  const version = keyOrName.includes('://') ? at.id : id
  const fn = version === undefined ? await client.functions.latest(at.project, keyOrName, options) : await client.functions.get(at.project, version, options)
  return new FunctionHandle(client, fn)
}

/** All versions of a name, newest first. */
export const getFunctionVersions = async (name: string, { project, ...options }: { readonly project: string } & HandleOptions): Promise<FunctionHandle[]> =>
  listFunctions(project, { name, versions: 'all' }, options)

/** The functions of a project, newest first. */
export const listFunctions = async (project: string, filters: FunctionFilters = {}, options: HandleOptions = {}): Promise<FunctionHandle[]> => {
  const client = clientOf(options)
  return client.functions
    .list(project, filters, options)
    .map((fn) => new FunctionHandle(client, fn))
    .all()
}

/** Changes what describes a version, by its key or id. */
export const updateFunction = async (
  keyOrId: string,
  change: Description,
  { project, ...options }: InProject & HandleOptions = {},
): Promise<FunctionHandle> => {
  const client = clientOf(options)
  const at = locate(keyOrId, { project })
  return new FunctionHandle(client, await client.functions.get(at.project, at.id, options)).update(change, options)
}

/** Deletes a version by its key or id; with `allVersions` every version of a name. Tasks and runs go too. */
export const deleteFunction = async (
  keyOrName: string,
  { project, allVersions = false, ...options }: InProject & HandleOptions & { readonly allVersions?: boolean | undefined } = {},
): Promise<void> => {
  const { functions } = clientOf(options)
  const at = locate(keyOrName, { project })
  return allVersions ? functions.deleteAll(at.project, nameOf(keyOrName), options) : functions.delete(at.project, at.id, options)
}

/** `store://p/function/container/hello:1f` → `hello`; a name stays. */
const nameOf = (keyOrName: string): string => keyOrName.split('/').at(-1)?.split(':')[0] ?? keyOrName
