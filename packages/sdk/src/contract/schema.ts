import * as z from 'zod'
import { endpoint } from './endpoint.ts'
import { FUNCTION_KIND, TASK_KINDS } from './kind.ts'
import { FunctionSpec } from './function.ts'
import { pageOf, pageQuery } from './page.ts'
import { ProjectSpec } from './project.ts'
import { RunSpec } from './run.ts'
import { SecretSpec } from './secret.ts'
import { TaskSpec } from './task.ts'

/** The spec of one kind of entity as JSON Schema, from which the console makes its forms. */
export const EntitySchema = z
  .looseObject({ id: z.string(), entity: z.string(), kind: z.string(), runtime: z.string().optional(), schema: z.looseObject({}) })
  .meta({ id: 'EntitySchema' })
export type EntitySchema = z.infer<typeof EntitySchema>

/** A prepared description of an entity, to begin with instead of an empty form. Davit brings none. */
export const Template = z.looseObject({ id: z.string(), name: z.string(), type: z.string(), kind: z.string() }).meta({ id: 'Template' })

const query = z.looseObject({ ...pageQuery, runtime: z.string().optional() })

export const schemaEndpoints = {
  list: endpoint({
    method: 'GET',
    path: '/api/v1/schemas/:entity',
    summary: 'The JSON Schemas of all kinds of an entity',
    query,
    returns: pageOf(EntitySchema),
  }),
  get: endpoint({ method: 'GET', path: '/api/v1/schemas/:entity/:kind', summary: 'The JSON Schema of one kind of an entity', returns: EntitySchema }),
  templates: endpoint({
    method: 'GET',
    path: '/api/v1/templates',
    summary: 'Prepared descriptions to begin with: none',
    query: z.looseObject({ ...pageQuery, type: z.string().optional() }),
    returns: pageOf(Template),
  }),
} as const

const RUNTIME = FUNCTION_KIND
/** What a schema with an id becomes is a reference to itself; forms are made from the object that it means. */
const jsonSchema = (schema: z.ZodType): Record<string, unknown> => {
  const { $ref = '', $defs = {}, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const { [$ref.replace('#/$defs/', '')]: root = rest, ...others } = $defs
  return { ...root, $defs: others }
}
const of = (entity: string, kind: string, { spec, runtime }: { spec: z.ZodType; runtime?: string }): EntitySchema => ({
  id: `${entity}:${kind}`,
  entity,
  kind,
  ...(runtime !== undefined && { runtime }),
  schema: jsonSchema(spec),
})

/** Every kind that can be created here. Made when asked for the first time: it takes a few milliseconds. */
const entitySchemas = (): readonly EntitySchema[] => [
  of('project', 'project', { spec: ProjectSpec }),
  of('function', FUNCTION_KIND, { spec: FunctionSpec, runtime: RUNTIME }),
  ...TASK_KINDS.map((kind) => of('task', kind, { spec: TaskSpec, runtime: RUNTIME })),
  ...TASK_KINDS.map((kind) => of('run', `${kind}:run`, { spec: RunSpec, runtime: RUNTIME })),
  of('secret', 'secret', { spec: SecretSpec }),
]

let made: readonly EntitySchema[] | undefined
/** The schemas of an entity's kinds; none of an entity that is not known here. `functions` is the same as `function`. */
export const schemasOf = (entity: string): readonly EntitySchema[] => {
  made ??= entitySchemas()
  const singular = entity.toLowerCase().replace(/s$/, '')
  return made.filter((schema) => schema.entity === singular)
}
