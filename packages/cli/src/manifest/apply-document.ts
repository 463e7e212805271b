import {
  actionOfRunKind,
  type ContainerFunction,
  DavitError,
  FunctionCreate,
  functionRef,
  isFinal,
  notFound,
  parseFunctionRef,
  parseOrThrow,
  ProjectCreate,
  readableFunction,
  readableRun,
  type Run,
  RunSpec,
  SecretCreate,
} from 'davit/contract'
import type { Scope } from '#run/run-ref.ts'
import { holdsSpec, sameSpec, sameValue } from '#run/same-value.ts'
import { latestFunction, submitRun } from '#run/submit.ts'
import { type Document, type DocumentKind, documentName } from './document.ts'

export type Outcome = 'created' | 'unchanged' | 'updated' | 'new version'

/** What becomes of a document: decided by reading only; `act` does it. `pending` functions are those that a dry run would have made. */
export interface Plan {
  readonly outcome: Outcome
  readonly act: () => Promise<unknown>
}

type Body = Readonly<Record<string, unknown>>
type Plans = (scope: Scope, document: Document, pending: ReadonlySet<string>) => Promise<Plan>

const unchanged: Plan = { outcome: 'unchanged', act: async () => undefined }
const isRecord = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)
const specOf = (body: Body): Body => (isRecord(body['spec']) ? body['spec'] : {})

const orUndefined = async <T>(found: Promise<T>): Promise<T | undefined> => {
  try {
    return await found
  } catch (error) {
    if (error instanceof DavitError && error.code === 'not_found') return undefined
    throw error
  }
}

const SERVER_SET = ['created', 'updated', 'created_by', 'updated_by', 'project', 'name', 'version']
/** Does the entity's metadata say all that the document says, apart from what the server sets itself? */
const sameMetadata = (wanted: unknown, stored: Body): boolean =>
  !isRecord(wanted) || Object.entries(wanted).every(([key, value]) => SERVER_SET.includes(key) || sameValue(value, stored[key]))
/** What the server makes is left out, so that printed entities can be applied again. */
const toSend = ({ key: _key, user: _user, status: _status, id: _id, ...body }: Body): Body => body

const planProject: Plans = async ({ client, signal }, { body }) => {
  const name = documentName({ body }) ?? ''
  const found = await orUndefined(client.projects.get(name, { signal }))
  const wanted = parseOrThrow(ProjectCreate, toSend(body))
  if (!found) return { outcome: 'created', act: () => client.projects.create(wanted, { signal }) }
  const { functions: _functions, ...spec } = specOf(body)
  if (sameMetadata(body['metadata'], found.metadata) && Object.entries(spec).every(([key, value]) => sameValue(value, found.spec[key]))) return unchanged
  return { outcome: 'updated', act: () => client.projects.update(name, { ...wanted, spec: { ...found.spec, ...spec } }, { signal }) }
}

const planSecret: Plans = async ({ client, project, signal }, { body }) => {
  if (await client.secrets.find(project, documentName({ body }) ?? '', { signal })) return unchanged
  return { outcome: 'created', act: () => client.secrets.create(project, parseOrThrow(SecretCreate, toSend(body)), { signal }) }
}

const planFunction: Plans = async (scope, { body }) => {
  const { client, project, signal } = scope
  const latest = await latestFunction(scope, documentName({ body }) ?? '')
  const wanted = parseOrThrow(FunctionCreate, toSend(body))
  const make = (): Promise<unknown> => client.functions.create(project, wanted, { signal })
  if (!latest) return { outcome: 'created', act: make }
  if (!sameSpec(readableFunction(wanted.spec ?? {}), latest.spec)) return { outcome: 'new version', act: make }
  if (sameMetadata(body['metadata'], latest.metadata)) return unchanged
  return { outcome: 'updated', act: () => client.functions.update(project, latest.id, { ...wanted, spec: latest.spec }, { signal }) }
}

/** `hello`, `container://p/hello` (the latest) or `container://p/hello:<id>`. Throws `not_found`. */
const functionFor = async (scope: Scope, name: string): Promise<ContainerFunction> => {
  const ref = parseFunctionRef(name)
  if (ref?.id !== undefined) return scope.client.functions.get(scope.project, ref.id, { signal: scope.signal })
  const found = await latestFunction(scope, ref?.name ?? name)
  if (!found) throw notFound('function', `There is none named ${ref?.name ?? name} in project ${scope.project}.`, 'put its document into the file, too')
  return found
}

const namedRun = async ({ client, project, signal }: Scope, name: string): Promise<Run | undefined> => {
  for await (const run of client.runs.list(project, { name, sort: 'created,DESC' }, { signal })) if (run.name === name) return run
  return undefined
}

const refuseChange = (run: Run, name: string): void => {
  if (!isFinal(run.status.state))
    throw new DavitError('conflict', `run ${name} is ${run.status.state} with another spec; the spec of a run is sealed`, {
      hint: `\`davit rm -f ${name}\` makes room for it, another name runs it beside`,
    })
}

const planRun: Plans = async (scope, { kind, body }, pending) => {
  const { function: wantedFunction, task: _task, local_execution: _local, ...spec } = specOf(body)
  const name = documentName({ body })
  const action = actionOfRunKind(kind) ?? 'job'
  const reference = String(wantedFunction)
  const existing = name === undefined ? undefined : await namedRun(scope, name)
  if (pending.has(parseFunctionRef(reference)?.name ?? reference)) {
    if (existing && name !== undefined) refuseChange(existing, name)
    return { outcome: 'created', act: async () => undefined }
  }
  const fn = await functionFor(scope, reference)
  if (existing && name !== undefined) {
    if (
      existing.kind === kind &&
      existing.spec.function === functionRef(fn) &&
      holdsSpec(readableRun(parseOrThrow(RunSpec, { ...spec, task: existing.spec.task }), kind), existing.spec)
    )
      return unchanged
    refuseChange(existing, name)
  }
  return { outcome: 'created', act: () => submitRun(scope, { fn, action, name, spec }) }
}

/** How each kind of document is made true. */
export const PLANS = { project: planProject, secret: planSecret, function: planFunction, run: planRun } as const satisfies Record<DocumentKind, Plans>

/** The order in which documents are applied: what others need goes first. */
export const APPLY_ORDER: readonly DocumentKind[] = ['project', 'secret', 'function', 'run']
