import { resolveRun } from '#run/run-ref.ts'
import { command, required } from '#runner/command.ts'
import { describeRun } from '#views/run-description.ts'
import { runView } from '#views/run-view.ts'

export const describe = command({
  name: 'describe',
  group: 'look',
  summary: 'How a run is, why, and how it came there',
  args: { run: required('Id, prefix of an id, name, @latest or FUNCTION@latest', 'run') },
  examples: ['davit describe @latest', 'davit describe hello-world@latest -o yaml'],
  run: async (context) => {
    const { out } = context
    const run = await resolveRun(context, context.input.run)
    await out.one(runView, run, () => describeRun(run, { colors: out.colors, now: Date.now() }))
  },
})
