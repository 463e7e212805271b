import type { ProjectInput } from '#client/projects.ts'
import type { Project } from '#contract/project.ts'
import { type Description, metadataOf } from './describe.ts'

/** What describes a project, with the names of the Python SDK. */
export interface ProjectDescription extends Omit<Description, 'embedded'> {
  /** Where its sources are; told, not used. Default `./`. */
  readonly source?: string | undefined
  readonly config?: Readonly<Record<string, unknown>> | undefined
}

const specOf = ({ source, config }: ProjectDescription) => ({ ...(source !== undefined && { source }), ...(config !== undefined && { config }) })

export const projectInput = (description: ProjectDescription): Omit<ProjectInput, 'name'> => ({
  metadata: metadataOf(description),
  spec: { source: './', config: {}, ...specOf(description) },
})

/** The whole project with some of it changed: the API replaces it whole. */
export const projectChange = (now: Project, change: ProjectDescription): ProjectInput => ({
  ...now,
  metadata: { ...now.metadata, ...metadataOf(change) },
  spec: { ...now.spec, ...specOf(change) },
})
