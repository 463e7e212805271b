import { followRun } from '#run/follow.ts'
import { nextCommands, verdictLines } from '#run/narrate.ts'
import { submit } from '#run/submit.ts'
import { workloadEnvs } from '#run/workload-envs.ts'
import { workloadFlags } from '#run/workload-flags.ts'
import { workloadSpec } from '#run/workload-spec.ts'
import { command, required, rest } from '#runner/command.ts'
import { containerExitCode, exitCodeOfRun } from '#runner/exit-code.ts'
import { invalid } from '#runner/invalid.ts'
import { flag } from '#runner/option.ts'
import { runView } from '#views/run-view.ts'

export const run = command({
  name: 'run',
  group: 'run',
  summary: 'Run a container to its end, with its output and exit code',
  args: { image: required('The image, such as hello-world:latest'), args: rest("The container's own arguments, behind --") },
  options: {
    ...workloadFlags,
    detach: flag('-d, --detach', "Print the run's id and leave"),
    passthrough: flag('--passthrough', "End with the container's own exit code"),
    rm: flag('--rm', 'Delete the run once it has ended'),
  },
  examples: [
    'davit run hello-world:latest',
    'davit run -e GREETING=hi busybox:1 -- sh -c \'echo "$GREETING"\'',
    'davit run --cpu 500m --memory 512Mi --passthrough acme/train:3',
    'davit run -d -o json acme/train:3   # one JSON object with the id',
  ],
  run: async (context) => {
    const { input, out, io, client, project, signal } = context
    if (input.detach && (input.rm || input.passthrough)) throw invalid('--detach does not wait for the end, as --rm and --passthrough must')
    const workload = workloadSpec(input, { envs: await workloadEnvs(input, io), action: 'job' })
    const submitted = await submit(context, { action: 'job', name: input.name, workload })
    if (input.detach) {
      await out.one(runView, submitted, () => `${submitted.id}\n`)
      for (const line of nextCommands(submitted)) await out.say(line)
      return 0
    }
    await out.say(out.stderrColors.dim(`run ${submitted.id} of ${workload.functionName} in project ${project}`))
    const ended = await followRun({ scope: context, out, run: submitted }, out.human ? 'stdout' : 'stderr')
    if (ended.status.verdict) for (const line of verdictLines(ended.status.verdict, out.stderrColors, containerExitCode(ended))) await out.warn(line)
    if (!out.human) await out.one(runView, ended)
    if (input.rm) await client.runs.delete(project, ended.id, { signal })
    return (input.passthrough ? containerExitCode(ended) : undefined) ?? exitCodeOfRun(ended)
  },
})
