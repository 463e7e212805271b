import * as z from 'zod'
import { api } from '#contract/endpoints.ts'
import type { Endpoint } from '#contract/endpoint.ts'
import { ErrorBody } from '#contract/error-body.ts'
import type { OtherAnswer, OuterEndpoint } from '#contract/outer-endpoint.ts'
import { outerApi } from '#contract/outer-endpoints.ts'
import { type JsonSchema, type SchemaBook, schemaBook } from './openapi-schemas.ts'

type Described = OuterEndpoint & Pick<Endpoint, 'stream'>
type Groups = Readonly<Record<string, Readonly<Record<string, Described>>>>

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
  token: 'Only what was done with the personal token of this id, or with logins by it',
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
  const mayBeEmpty = isBoolean(schema) && schema.safeParse('').success
  const ofSchema: JsonSchema = isBoolean(schema) ? { type: 'boolean' } : book.request(schema)
  const preset = absent.success && absent.data !== undefined ? { default: absent.data } : {}
  return {
    name,
    in: 'query',
    required: !absent.success,
    ...described(name, schema),
    ...(mayBeEmpty && { allowEmptyValue: true }),
    schema: { ...ofSchema, ...preset },
  }
}

const queryFields = ({ query }: Described): [string, z.ZodType][] => (query instanceof z.ZodObject ? Object.entries(query.shape) : [])

const failures = ({ path, body, query }: Described) => ({
  ...((body || query) && { 400: { $ref: '#/components/responses/Invalid' } }),
  ...(path.includes(':') && { 404: { $ref: '#/components/responses/NotFound' } }),
  default: { $ref: '#/components/responses/Failure' },
})

/** An answer of which nothing is known has no body: no content, and no schema. */
const isNothing = (schema: z.ZodType): boolean => schema instanceof z.ZodUnknown

const JSON_TYPE = 'application/json'
const failure = (description: string, book: SchemaBook) => ({ description, content: { [JSON_TYPE]: { schema: book.answer(ErrorBody) } } })

const success = ({ returns, stream, type = stream ? 'application/x-ndjson' : JSON_TYPE }: Described, book: SchemaBook) => {
  if (!returns) return {}
  if (isNothing(returns)) return { 200: { description: 'Done' } }
  const description = stream ? 'A stream of lines, each a JSON value of this schema' : 'OK'
  return { 200: { description, content: { [type]: { schema: book.answer(returns) } } } }
}

/** A failure that has words of its own may always be one in the words of all others too. */
const otherAnswer = ([status, { about, type = JSON_TYPE, returns, leads }]: readonly [string, OtherAnswer], book: SchemaBook) => {
  const content = returns && { ...(Number(status) >= 400 && failure(about, book).content), [type]: { schema: book.answer(returns) } }
  const headers = leads && { Location: { description: 'Where to', required: true, schema: { type: 'string' } } }
  return [status, { description: about, ...(headers && { headers }), ...(content && { content }) }] as const
}

const requestBody = ({ body, form }: Described, book: SchemaBook) =>
  body && {
    required: !body.safeParse(undefined).success,
    content: { [form ? 'application/x-www-form-urlencoded' : JSON_TYPE]: { schema: book.request(body) } },
  }

const operation = (tag: string, name: string, { endpoint, book }: { endpoint: Described; book: SchemaBook }) => {
  const { path, summary, open, others = {} } = endpoint
  const parameters = [...pathParameters(path), ...queryFields(endpoint).map(([field, schema]) => queryParameter(field, schema, book))]
  const body = requestBody(endpoint, book)
  return {
    operationId: `${tag}.${name}`,
    tags: [tag],
    summary,
    ...(open && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      ...success(endpoint, book),
      ...Object.fromEntries(Object.entries(others).map((other) => otherAnswer(other, book))),
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

/** How callers prove who they are, where the server asks: any one will do. */
const SECURITY = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A personal access token, an access token of this server, or one of its identity provider' },
  basic: { type: 'http', scheme: 'basic', description: 'User with password, or with an access token in its place' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'davit_session', description: "A browser's login; what changes something also needs the header x-davit-csrf" },
} as const

const answersOf = ({ returns, others = {} }: Described): readonly z.ZodType[] =>
  [returns, ...Object.values(others).map((other) => other.returns)].flatMap((schema) => (schema && !isNothing(schema) ? [schema] : []))

/**
 * The API as an OpenAPI 3.1 document, made from the contract's endpoint tables alone: what the server serves at `/openapi.json`
 * and what stands in `docs/openapi.json`. `version` is the version of the server that answers.
 */
export const openapiDocument = ({ version }: { readonly version: string }) => {
  const groups: Groups = { ...api, ...outerApi }
  const endpoints = Object.values(groups).flatMap((group) => Object.values(group))
  const requests = endpoints.flatMap((endpoint) => [...(endpoint.body ? [endpoint.body] : []), ...queryFields(endpoint).map(([, schema]) => schema)])
  const book = schemaBook(requests, [...endpoints.flatMap(answersOf), ErrorBody])
  return {
    openapi: '3.1.0',
    info: {
      title: 'Davit',
      version,
      description: 'Runs containers as jobs, deployments and services. Speaks the wire contract of DigitalHub Core.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: Object.keys(SECURITY).map((name) => ({ [name]: [] })),
    tags: Object.keys(groups).map((name) => ({ name })),
    paths: pathsOf(groups, book),
    components: {
      securitySchemes: SECURITY,
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
