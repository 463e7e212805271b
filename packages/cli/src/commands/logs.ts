import { detachable } from '#run/follow.ts'
import { logWriter } from '#run/log-writer.ts'
import { resolveRun } from '#run/run-ref.ts'
import { command, required } from '#runner/command.ts'
import { flag, integer, text } from '#runner/option.ts'
import { logChunkView } from '#views/log-chunk-view.ts'

export const logs = command({
  name: 'logs',
  group: 'look',
  summary: 'Print what a run wrote, byte for byte',
  args: { run: required('Id, prefix of an id, name, @latest or FUNCTION@latest', 'run') },
  options: {
    follow: flag('-f, --follow', 'Go on until the run ends'),
    container: text('-c, --container <name>', 'Only this container'),
    tail: integer('--tail <n>', 'Only the last lines', { min: 0, max: 1_000_000 }),
    prefix: flag('--prefix', "Each line behind its container's name"),
  },
  examples: ['davit logs -f @latest', 'davit logs web --tail 100 --prefix', 'davit logs 3fa8 -o json   # NDJSON, data in base64'],
  run: async (context) => {
    const { input, out, client, project, signal } = context
    const run = await resolveRun(context, input.run)
    const { follow, container, tail } = input
    const writer = logWriter(out, { prefix: input.prefix })
    const print = async (): Promise<void> => {
      for await (const chunk of client.runs.streamLogs(project, run.id, { follow, container, tail, signal }))
        await (out.human ? writer.write(chunk) : out.item(logChunkView, { kind: 'LogChunk', ...chunk }, () => ''))
      await writer.finish()
    }
    await (follow ? detachable({ scope: context, out, run }, print) : print())
  },
})
