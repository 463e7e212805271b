import type { Run } from 'davit/contract'
import { verdictLines } from '#run/narrate.ts'
import { resolveRun } from '#run/run-ref.ts'
import { shortId } from '#run/short-id.ts'
import { command, some } from '#runner/command.ts'
import { containerExitCode, exitCodeOfRun, gravest } from '#runner/exit-code.ts'
import { choice } from '#runner/option.ts'
import { runView } from '#views/run-view.ts'

export const wait = command({
  name: 'wait',
  group: 'look',
  summary: 'Wait until runs end or are ready; exit code of the gravest',
  args: { runs: some('Ids, prefixes of ids, names, @latest or FUNCTION@latest', 'run') },
  options: { for: choice('--for <what>', ['final', 'ready'], 'What to wait for; final by default') },
  examples: ['davit wait @latest --timeout 10m', 'davit wait web --for ready'],
  run: async (context) => {
    const { input, out, client, project, signal } = context
    const found: Run[] = []
    for (const ref of input.runs) found.push(await resolveRun(context, ref))
    out.busy(`waiting for ${found.map(({ id }) => shortId(id)).join(', ')}`)
    const reached = await Promise.all(found.map(({ id }) => client.runs.wait(project, id, { until: input.for ?? 'final', signal })))
    out.busy(undefined)
    for (const run of reached) {
      const { verdict } = run.status
      for (const line of verdict ? verdictLines(verdict, out.stderrColors, containerExitCode(run)) : []) await out.warn(line)
    }
    const [only, second] = reached
    await (only && !second && !out.human ? out.one(runView, only) : out.list(runView, reached))
    return gravest(reached.map(exitCodeOfRun))
  },
})
