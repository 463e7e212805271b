import { DavitError, isFinal, type Run } from 'davit/contract'
import { forEachRun } from '#run/run-ref.ts'
import { shortId } from '#run/short-id.ts'
import { command, some } from '#runner/command.ts'
import { asDavitError } from '#runner/failure.ts'
import { flag } from '#runner/option.ts'
import { runView } from '#views/run-view.ts'

const refuseActive = ({ id, status }: Run): void => {
  if (!isFinal(status.state)) throw new DavitError('conflict', `run ${shortId(id)} is ${status.state}`, { hint: 'stop it first, or add --force' })
}

export const rm = command({
  name: 'rm',
  group: 'change',
  summary: 'Delete runs with their logs and volumes',
  args: { runs: some('Ids, prefixes of ids, names, @latest or FUNCTION@latest', 'run') },
  options: { force: flag('-f, --force', 'Those that are not over too; they are stopped first') },
  examples: ['davit rm 3fa85f64', 'davit ps -a --state error -o name | xargs davit rm'],
  run: async (context) => {
    const { input, out, client, project, signal } = context
    await forEachRun(input.runs, {
      scope: context,
      act: async (run) => {
        if (!input.force) refuseActive(run)
        await client.runs.delete(project, run.id, { signal })
        await out.item(runView, run, () => `${run.id}\n`)
      },
      onError: (error) => out.warn(`error: ${asDavitError(error).message}`),
    })
  },
})
