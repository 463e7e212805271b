import {
  type ContainerFunction,
  type Found,
  functionKey,
  type Metadata,
  type Metrics,
  type Project,
  projectKey,
  readableFunction,
  readableRun,
  readableTask,
  type Run,
  type RunState,
  runKey,
  type Searched,
  type Secret,
  secretKey,
  type Task,
  taskKey,
} from 'davit/contract'
import type { AttemptRow } from '#store/attempts.ts'
import type { FunctionRow } from '#store/functions.ts'
import type { ProjectRow } from '#store/projects.ts'
import type { RunRow } from '#store/runs.ts'
import type { FoundRow } from '#store/search.ts'
import type { SecretRow } from '#store/secrets.ts'
import type { TaskRow } from '#store/tasks.ts'

interface Stamped {
  readonly id: string
  readonly name: string
  readonly project: string
  readonly user_name: string
  readonly updated_by: string
  readonly metadata: Metadata
  readonly created: Date
  readonly updated: Date
}

/** What a client may describe; the stamps are made here, from the row. */
export const describedBy = ({ created: _c, updated: _u, created_by: _cb, updated_by: _ub, ...described }: Metadata = {}): Metadata => described

const metadataOf = (row: Stamped): Metadata => ({
  version: row.id,
  ...row.metadata,
  project: row.project,
  name: row.metadata.name ?? row.name,
  created: row.created.toISOString(),
  updated: row.updated.toISOString(),
  created_by: row.user_name,
  updated_by: row.updated_by,
})

const common = (row: Stamped & { kind: string }) => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  project: row.project,
  user: row.user_name,
  metadata: metadataOf(row),
})

export const toFunction = (row: FunctionRow): ContainerFunction => ({
  ...common(row),
  key: functionKey(row),
  // Official clients fail to export a function whose source is missing.
  spec: { ...readableFunction(row.spec), source: row.spec.source ?? {} },
  status: { ...row.extra_status, state: 'CREATED' },
})

const FOUND_KEY = { function: functionKey, task: taskKey, run: runKey, secret: secretKey } as const satisfies Record<Searched, (row: FoundRow) => string>

const itemLists = () => ({ artifacts: [], dataitems: [], models: [], workflows: [] })

/** In lists without its functions; read alone with the latest version of each: whole where embedded, else in short. */
export const toProject = (row: ProjectRow, functions: readonly FunctionRow[] = []): Project => ({
  ...common(row),
  kind: 'project',
  key: projectKey(row.name),
  spec: {
    config: {},
    ...row.spec,
    ...itemLists(),
    functions: functions
      .map(toFunction)
      .map((fn) =>
        fn.metadata.embedded
          ? fn
          : { id: fn.id, kind: fn.kind, name: fn.name, project: fn.project, user: fn.user, key: fn.key, metadata: { project: fn.project, name: fn.name } },
      ),
  },
  status: { state: 'CREATED' },
})

export const toFound = (row: FoundRow): Found => ({ ...common(row), type: row.type, key: FOUND_KEY[row.type](row), status: { state: row.state } })

export const toTask = (row: TaskRow): Task => ({ ...common(row), key: taskKey(row), spec: readableTask(row.spec), status: { state: 'CREATED' } })

export const toSecret = (row: SecretRow): Secret => ({
  ...common(row),
  key: secretKey(row),
  spec: { ...row.spec, path: `secret://${row.name}`, provider: 'kubernetes' },
  status: { state: 'CREATED' },
})

/** Status keys that are the server's; the rest of what a client sends as status is kept as its own. */
const SERVER_KEYS = new Set([
  'state',
  'phase',
  'message',
  'verdict',
  'notes',
  'transitions',
  'attempts',
  'containers',
  'service',
  'k8s',
  'pods',
  'events',
  'metrics',
])
export const clientStatus = (status: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries(status).filter(([key]) => !SERVER_KEYS.has(key)))

/** A run's history as the store has it: newest transition first, attempts in order. */
export interface RunHistory {
  readonly transitions: readonly { readonly state: RunState; readonly message: string | null; readonly at: Date }[]
  readonly attempts: readonly AttemptRow[]
  /** Undefined: it measured nothing. */
  readonly metrics: Metrics | undefined
}

const attemptStatus = (row: AttemptRow) => ({
  number: row.number,
  object: row.object,
  created: row.created.toISOString(),
  ...(row.uid !== null && { uid: row.uid }),
  ...(row.started && { started: row.started.toISOString() }),
  ...(row.ended && { ended: row.ended.toISOString() }),
  ...(row.outcome !== null && { outcome: row.outcome }),
  ...(row.exit_code !== null && { exit_code: row.exit_code }),
})

export const toRun = (row: RunRow, { transitions, attempts, metrics }: RunHistory): Run => ({
  ...common(row),
  key: runKey(row),
  spec: readableRun(row.spec, row.kind),
  status: {
    ...clientStatus(row.extra_status),
    ...row.status,
    state: row.state,
    transitions: transitions.map(({ state, message, at }) => ({ status: state, ...(message !== null && { message }), time: at.toISOString() })),
    attempts: attempts.map(attemptStatus),
    ...(metrics && { metrics }),
  },
  extensions: row.extensions,
})
