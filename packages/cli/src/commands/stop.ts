import { forEachRun } from '#run/run-ref.ts'
import { command, some } from '#runner/command.ts'
import { asDavitError } from '#runner/failure.ts'
import { flag } from '#runner/option.ts'
import { runView } from '#views/run-view.ts'

export const stop = command({
  name: 'stop',
  group: 'change',
  summary: 'Ask runs to end; their logs and volumes stay',
  args: { runs: some('Ids, prefixes of ids, names, @latest or FUNCTION@latest', 'run') },
  options: { wait: flag('--wait', 'Until they have ended') },
  examples: ['davit stop @latest --wait', 'davit ps -o name | xargs davit stop'],
  run: async (context) => {
    const { input, out, client, project, signal } = context
    await forEachRun(input.runs, {
      scope: context,
      act: async ({ id }) => {
        const asked = await client.runs.stop(project, id, { signal })
        const run = input.wait ? await client.runs.wait(project, id, { signal }) : asked
        await out.item(runView, run, () => `${run.id} ${run.status.state}\n`)
      },
      onError: (error) => out.warn(`error: ${asDavitError(error).message}`),
    })
  },
})
