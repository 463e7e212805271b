import * as z from 'zod'
import { api } from '#contract/endpoints.ts'
import type { Endpoint } from '#contract/endpoint.ts'
import { ErrorBody } from '#contract/error-body.ts'
import { type JsonSchema, type SchemaBook, schemaBook } from './openapi-schemas.ts'

type Groups = Readonly<Record<string, Readonly<Record<string, Endpoint>>>>

/** What the parameters mean, where their schema does not say it itself. */
const PARAMETERS: Readonly<Record<string, string>> = {
  project: 'Name of the project',
  id: 'Id of the entity; in lists several with commas between',
  name: 'Name of the entity',
  action: 'What to do: stop, resume or delete',
  page: 'Number of the page, from 0',
  size: 'Entities on a page',
  sort: 'Field and direction, such as `created,DESC`; several are applied in order',
  kind: 'Only entities of this kind',
  user: 'Only entities of this user',
  state: 'Only entities in this state',
  created: 'Only entities created later than an ISO 8601 time, or between two: `start,end`',
  updated: 'Only entities changed later than an ISO 8601 time, or between two: `start,end`',
  q: 'Only entities whose name or description holds this text',
  labels: 'Only entities that carry all these labels',
  versions: 'The latest version of each name, or all',
  function: 'Only of this function, as its reference',
  task: 'Only of this task, as its reference',
  workflow: 'Only of this workflow: there are none',
  metric: 'Name of what was measured',
  collection: 'Which: artifacts, dataitems, models, workflows, triggers, containerimages or extensions',
  runtime: 'Only of this runtime',
  type: 'Only of this type',
  fq: 'Filters such as `type:(function OR run)`, `kind:"container"`, `metadata.name:"…"`, `metadata.labels:(a AND b)`, `metadata.updated:[… TO …]`',
  run: 'Only of this run, as its id',
  cascade: 'Also delete everything that belongs to it',
  follow: 'Keep the answer open and go on as things happen',
  container: 'Only of this container',
  offset: 'Byte of the log to begin with',
  tail: 'Begin with the last so many lines',
  verb: 'Only this verb, or all of a noun: `run.stop`, `run`',
  entity: 'In the audit: only of the entity with this id; of schemas: project, function, task, run or secret',
  since: 'Only from this ISO 8601 time on',
  until: 'Only before this ISO 8601 time',
  keys: 'Names of the secrets, repeated or separated by commas',
}

const NAMES = /:(\w+)/g
const templated = (path: string): string => path.replace(NAMES, '{$1}')
const described = (name: string, schema?: z.ZodType): { description?: string } => {
  const description = schema?.description ?? PARAMETERS[name]
  return description === undefined ? {} : { description }
}

const pathParameters = (path: string) =>
  [...path.matchAll(NAMES)].map(([, name = '']) => ({ name, in: 'path', required: true, ...described(name), schema: { type: 'string' } }))

/** zod describes a boolean that is read from text as the text that it is read from. */
const isBoolean = (schema: z.ZodType): boolean => schema.safeParse('true').data === true

const queryParameter = (name: string, schema: z.ZodType, book: SchemaBook) => {
  const absent = schema.safeParse(undefined)
  const ofSchema: JsonSchema = isBoolean(schema) ? { type: 'boolean' } : book.request(schema)
  const preset = absent.success && absent.data !== undefined ? { default: absent.data } : {}
  return { name, in: 'query', required: !absent.success, ...described(name, schema), schema: { ...ofSchema, ...preset } }
}

const queryFields = ({ query }: Endpoint): [string, z.ZodType][] => (query instanceof z.ZodObject ? Object.entries(query.shape) : [])

const failures = ({ path, body, query }: Endpoint) => ({
  ...((body || query) && { 400: { $ref: '#/components/responses/Invalid' } }),
  ...(path.includes(':') && { 404: { $ref: '#/components/responses/NotFound' } }),
  default: { $ref: '#/components/responses/Failure' },
})

/** An answer of which nothing is known has no body: no content, and no schema. */
const isNothing = (schema: z.ZodType): boolean => schema instanceof z.ZodUnknown

const operation = (tag: string, name: string, { endpoint, book }: { endpoint: Endpoint; book: SchemaBook }) => {
  const { path, summary, body, returns, stream } = endpoint
  const parameters = [...pathParameters(path), ...queryFields(endpoint).map(([field, schema]) => queryParameter(field, schema, book))]
  const description = stream ? 'A stream of lines, each a JSON value of this schema' : 'OK'
  return {
    operationId: `${tag}.${name}`,
    tags: [tag],
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: !body.safeParse(undefined).success, content: { 'application/json': { schema: book.request(body) } } } }),
    responses: {
      200: isNothing(returns)
        ? { description: 'Done' }
        : { description, content: { [stream ? 'application/x-ndjson' : 'application/json']: { schema: book.answer(returns) } } },
      ...failures(endpoint),
    },
  }
}

const pathsOf = (groups: Groups, book: SchemaBook) => {
  const paths: Record<string, Record<string, ReturnType<typeof operation>>> = {}
  for (const [tag, group] of Object.entries(groups))
    for (const [name, endpoint] of Object.entries(group)) {
      const methods = (paths[templated(endpoint.path)] ??= {})
      methods[endpoint.method.toLowerCase()] = operation(tag, name, { endpoint, book })
    }
  return paths
}

const failure = (description: string, book: SchemaBook) => ({ description, content: { 'application/json': { schema: book.answer(ErrorBody) } } })

/**
 * The API as an OpenAPI 3.1 document, made from the contract's endpoint table alone: what the server serves at `/openapi.json`
 * and what stands in `docs/openapi.json`. `version` is the version of the server that answers.
 */
export const openapiDocument = ({ version }: { readonly version: string }) => {
  const groups: Groups = api
  const endpoints = Object.values(groups).flatMap((group) => Object.values(group))
  const requests = endpoints.flatMap((endpoint) => [...(endpoint.body ? [endpoint.body] : []), ...queryFields(endpoint).map(([, schema]) => schema)])
  const answers = endpoints.map(({ returns }) => returns).filter((returns) => !isNothing(returns))
  const book = schemaBook(requests, [...answers, ErrorBody])
  return {
    openapi: '3.1.0',
    info: {
      title: 'Davit',
      version,
      description: 'Runs containers as jobs, deployments and services. Speaks the wire contract of DigitalHub Core.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.keys(groups).map((name) => ({ name })),
    paths: pathsOf(groups, book),
    components: {
      schemas: book.components,
      responses: {
        Invalid: failure('The request is not valid, its name is taken, or the state forbids it', book),
        NotFound: failure('There is no such entity', book),
        Failure: failure('Any other failure', book),
      },
    },
  }
}
export type OpenapiDocument = ReturnType<typeof openapiDocument>
