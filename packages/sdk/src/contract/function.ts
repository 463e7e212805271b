import * as z from 'zod'
import { createFields, entityFields } from './metadata.ts'
import { EntityId, Slug } from './name.ts'
import { functionParameters } from './parameters.ts'

export const FunctionSpec = z.looseObject(functionParameters).meta({ id: 'FunctionSpec' })
export type FunctionSpec = z.infer<typeof FunctionSpec>

/** One version of a container's description; rows of one name in a project are its versions, the newest is the latest. */
export const ContainerFunction = z.looseObject({ ...entityFields, spec: FunctionSpec, status: z.looseObject({ state: z.string() }) }).meta({ id: 'Function' })
export type ContainerFunction = z.infer<typeof ContainerFunction>

/** Creating under a name that exists makes a new version; creating under an id that exists is refused. */
export const FunctionCreate = z
  .looseObject({ ...createFields, id: EntityId.optional(), name: Slug, kind: Slug, project: z.string().optional(), spec: FunctionSpec.optional() })
  .meta({ id: 'FunctionCreate' })
export type FunctionCreate = z.infer<typeof FunctionCreate>
