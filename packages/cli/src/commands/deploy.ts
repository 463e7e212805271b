import { startLongRunning } from '#run/long-running.ts'
import { workloadFlags } from '#run/workload-flags.ts'
import { command, required, rest } from '#runner/command.ts'
import { flag, integer } from '#runner/option.ts'

export const deploy = command({
  name: 'deploy',
  group: 'run',
  summary: 'Run containers for ever, restarted when they end',
  args: { image: required('The image'), args: rest("The container's own arguments, behind --") },
  options: {
    ...workloadFlags,
    replicas: integer('--replicas <n>', 'How many containers', { min: 1, max: 1000 }),
    detach: flag('-d, --detach', "Print the run's id, do not wait until it runs"),
  },
  examples: ['davit deploy acme/worker:2 --replicas 2'],
  run: (context) => startLongRunning(context, 'deploy'),
})
