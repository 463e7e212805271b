import * as z from 'zod'
import { createFields, entityFields } from './metadata.ts'
import { ProjectName } from './name.ts'
import { PodSecurity } from './scheduling.ts'

const Items = z.array(z.looseObject({}))
export const ProjectSpec = z
  .looseObject({
    source: z.string().optional(),
    context: z.string().optional(),
    config: z.looseObject({}).optional(),
    /** Where its runs go that name no cluster themselves. */
    cluster: z.string().min(1).optional(),
    /** What its runs may at most; a run may ask for less. */
    pod_security: PodSecurity.optional(),
    functions: Items.optional(),
    artifacts: Items.optional(),
    workflows: Items.optional(),
    dataitems: Items.optional(),
    models: Items.optional(),
  })
  .meta({ id: 'ProjectSpec' })

export const Project = z
  .looseObject({ ...entityFields, kind: z.literal('project'), spec: ProjectSpec, status: z.looseObject({ state: z.string() }) })
  .meta({ id: 'Project' })
export type Project = z.infer<typeof Project>

/** Just a name is enough; an id, if given, must equal it. */
export const ProjectCreate = z
  .looseObject({ ...createFields, id: z.string().optional(), name: ProjectName, kind: z.literal('project').optional(), spec: ProjectSpec.optional() })
  .refine((project) => project.id === undefined || project.id === project.name, { path: ['id'], message: 'project id must match name' })
  .meta({ id: 'ProjectCreate' })
export type ProjectCreate = z.infer<typeof ProjectCreate>
