import { startLongRunning } from '#run/long-running.ts'
import { workloadFlags } from '#run/workload-flags.ts'
import { command, required, rest } from '#runner/command.ts'
import { choice, flag, integer, list } from '#runner/option.ts'

export const serve = command({
  name: 'serve',
  group: 'run',
  summary: 'Run a container for ever and answer on ports; prints the address',
  args: { image: required('The image'), args: rest("The container's own arguments, behind --") },
  options: {
    ...workloadFlags,
    port: list('--port <port[:target]>', 'Callers use PORT, the container listens on TARGET. Repeatable'),
    type: choice('--type <type>', ['ClusterIP', 'NodePort', 'LoadBalancer'], 'Who reaches it'),
    replicas: integer('--replicas <n>', 'How many containers', { min: 1, max: 1000 }),
    detach: flag('-d, --detach', "Print the run's id, do not wait until it answers"),
  },
  examples: ['davit serve ghcr.io/acme/app:1 --port 8085:8501', 'davit serve acme/app:1 --port 80:8080 --type NodePort --replicas 2'],
  run: (context) => startLongRunning(context, 'serve'),
})
