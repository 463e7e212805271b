import type { Davit } from 'davit'
import { notFound, parseFunctionRef, type Run } from 'davit/contract'
import { asDavitError } from '#runner/failure.ts'
import { invalid } from '#runner/invalid.ts'
import { shortIds } from './short-id.ts'

export interface Scope {
  readonly client: Davit
  readonly project: string
  readonly signal: AbortSignal
}

const LATEST = '@latest'
const SHORTEST_PREFIX = 4
const SHOWN_CANDIDATES = 10

export const functionNameOf = (run: Pick<Run, 'spec'>): string | undefined => parseFunctionRef(run.spec.function ?? '')?.name

const HINT = '`davit ps --all` lists the runs; a run is named by its id, a prefix of at least 4 characters, its name, @latest or FUNCTION@latest'

/** Which of `runs` is meant by an id, a name or a prefix of an id: the first of these kinds that fits decides. Throws `not_found`, or `invalid` with the candidates. */
export const pickRun = (ref: string, runs: readonly Run[], project: string): Run => {
  const kinds = [
    runs.filter((run) => run.id === ref),
    runs.filter((run) => run.name === ref),
    ref.length >= SHORTEST_PREFIX ? runs.filter((run) => run.id.startsWith(ref.toLowerCase())) : [],
  ]
  const fitting = kinds.find((found) => found.length > 0) ?? []
  const [only, second] = fitting
  if (only && !second) return only
  if (!only) throw notFound('run', `"${ref}" names none in project ${project}.`, HINT)
  const short = shortIds(fitting.map(({ id }) => id))
  const shown = fitting.slice(0, SHOWN_CANDIDATES).map((run) => `${short(run.id)} (${functionNameOf(run) ?? run.name}, ${run.status.state})`)
  throw invalid(`"${ref}" may be ${fitting.length} runs: ${shown.join(', ')}${fitting.length > shown.length ? ', …' : ''}`, {
    hint: 'give more characters of the id',
  })
}

const latestRun = async ({ client, project, signal }: Scope, name: string): Promise<Run> => {
  const filters = { sort: 'created,DESC', ...(name !== '' && { function: `container://${project}/${name}` }) }
  // The server's filter matches the beginning of a name, so that `web` finds `web2` too.
  for await (const run of client.runs.list(project, filters, { signal })) if (name === '' || functionNameOf(run) === name) return run
  throw notFound('run', name === '' ? `Project ${project} has none.` : `Function ${name} in project ${project} has none.`, HINT)
}

/** The run that a word on the command line means. Throws `not_found`, or `invalid` with the candidates where several fit. */
export const resolveRun = async (scope: Scope, ref: string): Promise<Run> => {
  const { client, project, signal } = scope
  if (ref.endsWith(LATEST)) return latestRun(scope, ref.slice(0, -LATEST.length))
  const found = await Array.fromAsync(client.runs.list(project, { q: ref.toLowerCase() === ref ? ref : undefined, size: 1000 }, { signal }))
  return pickRun(ref, found, project)
}

/** Does something to each run, one after another; goes on after a failure. Throws in the end what was thrown last. */
export const forEachRun = async (
  refs: readonly string[],
  { scope, act, onError }: { scope: Scope; act: (run: Run) => Promise<void>; onError: (error: unknown) => Promise<void> },
): Promise<void> => {
  const failures: Error[] = []
  for (const ref of new Set(refs)) {
    try {
      await act(await resolveRun(scope, ref))
    } catch (error) {
      if (scope.signal.aborted) throw error
      if (refs.length > 1) await onError(error)
      failures.push(asDavitError(error))
    }
  }
  const last = failures.at(-1)
  if (last) throw last
}
