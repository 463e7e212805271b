import { type FunctionSpec, functionParameters, isOneOf, type Note, type RunSpec, runParameters, type TaskSpec } from 'davit/contract'

/** The function's word counts, whatever a run says: it is what was versioned. Mirrors the reference's merge (wire contract §3.4). */
const FUNCTION_WINS = ['image', 'base_image', 'command', 'source'] as const

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * A run's spec as it will be executed: the run's own fields, then what its task adds, then what its function says. Fields that
 * lost against the function are told as notes.
 */
export function seal({ run, task, fn }: { run: RunSpec; task: TaskSpec; fn: FunctionSpec }): { spec: RunSpec; notes: readonly Note[] } {
  const fromTask = Object.fromEntries(
    Object.keys(runParameters).flatMap((name) => (run[name] === undefined && task[name] !== undefined ? [[name, task[name]]] : [])),
  )
  const fromFunction = Object.fromEntries(
    Object.keys(functionParameters).flatMap((name) => {
      const wins = run[name] === undefined || isOneOf(FUNCTION_WINS, name)
      return wins && fn[name] !== undefined ? [[name, fn[name]]] : []
    }),
  )
  const notes = FUNCTION_WINS.filter(
    (name) => run[name] !== undefined && fn[name] !== undefined && !same(run[name], fn[name]) && !(name === 'source' && same(run.source, {})),
  ).map((name): Note => ({ code: 'not-honoured', path: `spec.${name}`, message: `the function sets ${name}; a run cannot change it` }))
  return {
    spec: {
      ...run,
      ...fromTask,
      ...fromFunction,
      function: task.function,
      local_execution: run.local_execution ?? false,
      source: fn.source ?? run.source ?? {},
    },
    notes,
  }
}
