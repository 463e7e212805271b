import { actionOfRunKind, isFinal, type Run } from 'davit/contract'
import type { Scope } from '#run/run-ref.ts'
import { command } from '#runner/command.ts'
import type { Out } from '#runner/out.ts'
import { choice, flag, text } from '#runner/option.ts'
import { asTable } from '#runner/table.ts'
import { runView } from '#views/run-view.ts'

const POLL_MS = 1000

interface Filter {
  readonly all: boolean
  readonly state: string | undefined
  readonly action: string | undefined
}

const runsOf = async ({ client, project, signal }: Scope, { all, state, action }: Filter): Promise<readonly Run[]> => {
  const filters = { sort: 'created,DESC', size: 1000, ...(state !== undefined && { state: state.toUpperCase() }) }
  const runs = await Array.fromAsync(client.runs.list(project, filters, { signal }))
  return runs.filter((run) => (all || state !== undefined || !isFinal(run.status.state)) && (action === undefined || actionOfRunKind(run.kind) === action))
}

const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const give = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', give)
      resolve()
    }, POLL_MS)
    signal.addEventListener('abort', give, { once: true })
  })

/** The table drawn anew on a terminal; elsewhere, and as JSON, a line for each run that changed. */
const watch = async (scope: Scope, { filter, out, redraw }: { filter: Filter; out: Out; redraw: boolean }): Promise<never> => {
  const seen = new Map<string, string>()
  for (;;) {
    const runs = await runsOf(scope, filter)
    if (redraw) await out.print(`\u001b[H\u001b[2J${await asTable(runView, runs, { wide: out.format === 'wide', colors: out.colors })}`)
    for (const run of redraw ? [] : runs) {
      const now = JSON.stringify(run.status)
      if (seen.get(run.id) !== now) await out.item(runView, run, () => `${run.id} ${run.status.state} ${run.status.verdict?.code ?? run.status.phase ?? '-'}\n`)
      seen.set(run.id, now)
    }
    await pause(scope.signal)
  }
}

export const ps = command({
  name: 'ps',
  group: 'look',
  summary: 'List the runs that are not over; with -a all',
  options: {
    all: flag('-a, --all', 'Those that ended too'),
    watch: flag('-w, --watch', 'Go on, and show changes'),
    state: text('--state <state>', 'Only runs in that state'),
    action: choice('--action <action>', ['job', 'deploy', 'serve'], 'Only runs of that action'),
  },
  examples: ['davit ps -a', 'davit ps --state error -o wide', 'davit ps -o name | xargs davit stop'],
  run: async (context) => {
    const { input, out, io } = context
    if (input.watch) return watch(context, { filter: input, out, redraw: out.human && io.stdout.isTTY })
    const hint = input.all ? 'No runs yet. Make one: davit run hello-world:latest' : 'Nothing runs. `davit ps --all` shows what ended.'
    return out.list(runView, await runsOf(context, input), hint)
  },
})
