import { choice, duration, integer, list, text } from '#runner/option.ts'

/** The flags by which `run`, `serve` and `deploy` describe a container. */
export const workloadFlags = {
  name: text('-n, --name <name>', 'Name of the run'),
  function: text('--function <name>', "Name of the function (default: from the image's)"),
  env: list('-e, --env <K=V>', 'A variable; K alone takes its value from here. Repeatable'),
  envFile: list('--env-file <path>', 'Variables from a file, a line each. Repeatable'),
  secret: list('--secret <name>', 'A secret that the container gets as a variable. Repeatable'),
  label: list('-l, --label <k=v>', 'A label on the engine’s objects. Repeatable'),
  cpu: text('--cpu <quantity>', 'CPUs, such as 500m or 2'),
  memory: text('--memory <quantity>', 'Memory, such as 512Mi or 2Gi'),
  gpu: integer('--gpu <n>', 'GPUs', { min: 0, max: 1024 }),
  volume: list('--volume <name:path[:size]>', 'A volume that is kept, and where it is mounted. Repeatable'),
  user: text('--user <uid[:gid]>', 'User and group that the container runs as'),
  entrypoint: text('--entrypoint <path>', 'The process, instead of the image’s'),
  command: text('--command <path>', 'The process; behind an --entrypoint its first argument'),
  pull: choice('--pull <when>', ['missing', 'always', 'never'], 'When the image is fetched'),
  grace: duration('--grace <duration>', 'How long it may take to end when it is stopped'),
  set: list('--set <key=value>', 'Any parameter of the contract, its value JSON or text: --set backoff_limit=2. Repeatable'),
} as const

/** What the flags above, and those of `serve` and `deploy`, become. */
export interface WorkloadInput {
  readonly image: string
  readonly args: readonly string[]
  readonly name: string | undefined
  readonly function: string | undefined
  readonly env: readonly string[]
  readonly envFile: readonly string[]
  readonly secret: readonly string[]
  readonly label: readonly string[]
  readonly cpu: string | undefined
  readonly memory: string | undefined
  readonly gpu: number | undefined
  readonly volume: readonly string[]
  readonly user: string | undefined
  readonly entrypoint: string | undefined
  readonly command: string | undefined
  readonly pull: 'missing' | 'always' | 'never' | undefined
  readonly grace: number | undefined
  readonly set: readonly string[]
  readonly replicas?: number | undefined
  readonly port?: readonly string[]
  readonly type?: string | undefined
}
