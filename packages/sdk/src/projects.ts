import type { CommonFilters } from '#client/list.ts'
import { clientOf, type HandleOptions } from './handle-options.ts'
import { ProjectHandle } from './project-handle.ts'
import { type ProjectDescription, projectInput } from './project-input.ts'

/** The project of that name, made when there is none. Safe when several do it at once. */
export const getOrCreateProject = async (name: string, options: ProjectDescription & HandleOptions = {}): Promise<ProjectHandle> => {
  const client = clientOf(options)
  return new ProjectHandle(client, await client.projects.getOrCreate(name, projectInput(options), options))
}

/** Throws `duplicate` when the name is taken. */
export const newProject = async (name: string, options: ProjectDescription & HandleOptions = {}): Promise<ProjectHandle> => {
  const client = clientOf(options)
  return new ProjectHandle(client, await client.projects.create({ ...projectInput(options), name }, options))
}

/** Throws `not_found`. */
export const getProject = async (name: string, options: HandleOptions = {}): Promise<ProjectHandle> => {
  const client = clientOf(options)
  return new ProjectHandle(client, await client.projects.get(name, options))
}

/** All projects as an array. */
export const listProjects = async (filters: CommonFilters = {}, options: HandleOptions = {}): Promise<ProjectHandle[]> => {
  const client = clientOf(options)
  return client.projects
    .list(filters, options)
    .map((project) => new ProjectHandle(client, project))
    .all()
}

/** Changes what is given, keeps the rest. */
export const updateProject = async (name: string, change: ProjectDescription, options: HandleOptions = {}): Promise<ProjectHandle> =>
  (await getProject(name, options)).update(change, options)

/** With `cascade` all that is in it goes too. */
export const deleteProject = async (name: string, options: HandleOptions & { readonly cascade?: boolean | undefined } = {}): Promise<void> =>
  clientOf(options).projects.delete(name, options)
