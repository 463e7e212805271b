import { type Action, type ContainerFunction, DavitError, FUNCTION_KIND, functionRef, readableFunction, type Run, runKindOf, taskRef } from 'davit/contract'
import type { Scope } from './run-ref.ts'
import { sameSpec } from './same-value.ts'
import type { WorkloadSpec } from './workload-spec.ts'

/** The newest version of a name; undefined when there is none. */
export const latestFunction = async ({ client, project, signal }: Scope, name: string): Promise<ContainerFunction | undefined> => {
  try {
    return await client.functions.latest(project, name, { signal })
  } catch (error) {
    if (error instanceof DavitError && error.code === 'not_found') return undefined
    throw error
  }
}

/** The latest version when it says the same already, else a new one. */
export const ensureFunction = async (
  scope: Scope,
  { functionName, functionSpec }: Pick<WorkloadSpec, 'functionName' | 'functionSpec'>,
): Promise<ContainerFunction> => {
  const latest = await latestFunction(scope, functionName)
  if (latest && latest.kind === FUNCTION_KIND && sameSpec(readableFunction(functionSpec), latest.spec)) return latest
  const body = { name: functionName, kind: FUNCTION_KIND, spec: functionSpec }
  return scope.client.functions.create(scope.project, body, { signal: scope.signal })
}

/** Submits a run of one version of a function; its task is made on the way. */
export const submitRun = async (
  scope: Scope,
  { fn, action, name, spec }: { fn: ContainerFunction; action: Action; name: string | undefined; spec: Readonly<Record<string, unknown>> },
): Promise<Run> => {
  const { client, project, signal } = scope
  const task = await client.tasks.ensure(project, fn, action, { signal })
  const body = {
    kind: runKindOf(action),
    ...(name !== undefined && { name }),
    spec: { ...spec, task: taskRef(task), function: functionRef(fn), local_execution: false },
  }
  return client.runs.create(project, body, { signal }) // the spec was checked against the contract when it was made
}

export interface Submission {
  readonly action: Action
  readonly name: string | undefined
  readonly workload: WorkloadSpec
}

/** Project, function and task made where they are missing, then the run. */
export const submit = async (scope: Scope, { action, name, workload }: Submission): Promise<Run> => {
  const { client, project, signal } = scope
  await client.projects.getOrCreate(project, {}, { signal })
  const fn = await ensureFunction(scope, workload)
  return submitRun(scope, { fn, action, name, spec: workload.runSpec })
}
