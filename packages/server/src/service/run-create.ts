import {
  ACTIONS,
  type Action,
  actionOfRunKind,
  actionOfTaskKind,
  DavitError,
  duplicated,
  LEGACY_RUN_KIND,
  parseFunctionRef,
  parseTaskRef,
  type Run,
  type RunCreate,
  type RunSpec,
  TASK_KINDS,
} from 'davit/contract'
import { notesFor, unknownFieldNotes } from '#domain/notes.ts'
import { applyPolicy, choicesOf } from '#domain/policy.ts'
import { asWritten, specProblems } from '#domain/problems.ts'
import { seal } from '#domain/seal.ts'
import { secretNamesOf, type Workload } from '#domain/workload.ts'
import { workloadOf } from '#domain/workload-of.ts'
import type { ProjectRow } from '#store/projects.ts'
import type { NewRun } from '#store/runs.ts'
import type { Repos } from '#store/store.ts'
import type { TaskRow } from '#store/tasks.ts'
import type { Caller } from './access.ts'
import { assertMay } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { assertSameProject, holdProject } from './projects.ts'
import { clientStatus, describedBy, toRun } from './wire.ts'

const invalid = (path: string, message: string, hint?: string): DavitError =>
  new DavitError('invalid', `${path} ${message}`, { path, ...(hint !== undefined && { hint }) })

async function taskOf(inside: Repos, project: string, ref: string): Promise<TaskRow> {
  const parsed = parseTaskRef(ref)
  if (!parsed) throw invalid('spec.task', `must be container+<action>://<project>/<id>, not ${ref}`)
  if (parsed.project !== project) throw invalid('spec.task', `invalid project: ${ref} is not of project ${project}`)
  const task = await inside.tasks.find(project, parsed.id)
  if (!task || task.kind !== parsed.kind) throw invalid('spec.task', `names a task that does not exist: ${ref}`)
  return task
}

const actionOf = (kind: string, task: TaskRow): Action => {
  const byTask = actionOfTaskKind(task.kind)
  if (!byTask) throw new DavitError('not_found', 'No such spec.', { path: 'kind' })
  if (kind !== LEGACY_RUN_KIND && actionOfRunKind(kind) !== byTask)
    throw invalid('kind', `must be ${task.kind}:run for a run of task ${task.kind}, not ${kind}`)
  return byTask
}

/** What can be known to fail is refused before anything is recorded. */
function assertRunnable({ spec, action }: { spec: RunSpec; action: Action }): void {
  if (!spec.image) throw invalid('spec.image', 'is required: neither the function nor the run names an image')
  if (ACTIONS[action].service && !spec.service_ports?.length)
    throw invalid('spec.service_ports', 'is required for serve', 'for instance [{ "port": 8085, "target_port": 8501 }]')
}

/** Every secret that a run names, for its environment or as a volume, must have been declared. */
async function assertSecrets(inside: Repos, { project, secretNames, volumes }: Workload): Promise<void> {
  const named = [
    ...secretNames.map((name) => ({ name, path: 'spec.secrets' })),
    ...volumes.flatMap(({ secretName: name }, index) => (name === undefined ? [] : [{ name, path: `spec.volumes.${index}.spec.secret_name` }])),
  ]
  const known = new Set((await inside.secrets.named(project, [...new Set(named.map(({ name }) => name))])).map(({ name }) => name))
  const missing = [
    ...Map.groupBy(
      named.filter(({ name }) => !known.has(name)),
      ({ path }) => path,
    ),
  ]
  const said = missing.map(([path, secrets]) => `${path} names secrets that do not exist: ${[...new Set(secrets.map(({ name }) => name))].join(', ')}`)
  const path = missing[0]?.[0]
  if (path !== undefined) throw new DavitError('invalid', said.join('; '), { path, hint: 'create them first: davit secret set NAME' })
}

/** What the engine would refuse is refused at once, all of it in one answer, with the places of `written`: the spec before profiles. */
function assertFits(workload: Workload, { spec, written }: { spec: RunSpec; written: RunSpec }, engine: ServiceDeps['engine']): void {
  const problems = [...specProblems(spec), ...engine.check(workload)].map(({ path, message }) => ({
    path: asWritten(path, written),
    message,
  }))
  const [first] = problems
  if (first) throw new DavitError('invalid', problems.map(({ path, message }) => `${path} ${message}`).join('; '), { path: first.path })
}

async function prepare(
  inside: Repos,
  { engine, newId, policy }: ServiceDeps,
  { caller, project, input }: { caller: Caller; project: ProjectRow; input: RunCreate },
): Promise<NewRun> {
  const task = await taskOf(inside, project.id, input.spec.task)
  const action = actionOf(input.kind, task)
  const functionId = parseFunctionRef(task.spec.function)?.id ?? ''
  const fn = await inside.functions.find(project.id, functionId)
  if (!fn) throw invalid('spec.task', `belongs to a function version that does not exist: ${task.spec.function}`)
  const sealed = seal({ run: input.spec, task: task.spec, fn: fn.spec })
  const local = sealed.spec.local_execution === true
  const spec = local ? sealed.spec : applyPolicy(sealed.spec, choicesOf(project.spec), policy)
  const id = input.id ?? newId()
  if (!local) {
    assertRunnable({ spec, action })
    const workload = workloadOf({ id, project: project.id, action, spec }, 1)
    assertFits(workload, { spec, written: sealed.spec }, engine)
    if (secretNamesOf(workload).length > 0) assertMay(caller, 'secret.use', project.id)
    await assertSecrets(inside, workload)
  }
  const notes = [...unknownFieldNotes(input.spec), ...sealed.notes, ...notesFor({ spec, action, engine })]
  return {
    id,
    kind: input.kind,
    name: input.name ?? id,
    project: project.id,
    user: caller.name,
    action,
    functionRef: task.spec.function,
    taskRef: input.spec.task,
    metadata: describedBy(input.metadata),
    spec,
    extensions: input.extensions ?? [],
    extraStatus: clientStatus(input.status),
    states: local ? ['CREATED'] : ['CREATED', 'BUILT', 'READY'],
    status: { ...(!local && { phase: 'queued' as const }), ...(notes.length > 0 && { notes }) },
    settled: local,
  }
}

/** Records a run, sealed, with its history; it is started in the background. Refused inputs leave nothing behind. */
export const createRun =
  (deps: ServiceDeps) =>
  async (caller: Caller, project: string, input: RunCreate): Promise<Run> => {
    assertMay(caller, 'run.write', project)
    if (input.kind !== LEGACY_RUN_KIND && !actionOfRunKind(input.kind))
      throw new DavitError('not_found', 'No such spec.', {
        path: 'kind',
        hint: `kind ${input.kind} is not known; use one of ${TASK_KINDS.map((kind) => `${kind}:run`).join(', ')}`,
      })
    assertSameProject(input.project, project)
    const run = await deps.store.transact(async (inside) => {
      const prepared = await prepare(inside, deps, { caller, project: await holdProject(inside, project), input })
      const row = await inside.runs.insert(prepared)
      if (!row) throw duplicated('run', prepared.id)
      await inside.audit.write({ by: caller, verb: 'run.create', project, entity: 'run', entityId: row.id })
      const transitions = prepared.states.slice(1).map((state) => ({ run: row.id, state, message: null, at: row.created }))
      return toRun(row, { transitions: transitions.reverse(), attempts: [], metrics: undefined })
    })
    // The client's own runs are settled as soon as they are recorded.
    if (run.spec.local_execution !== true) deps.wake(run.id, 'first')
    return run
  }
