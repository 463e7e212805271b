import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { lifeline } from '../../tools/lifeline.ts'
import { clusterNames } from './cluster-state.ts'
import { isComponent } from './component-commands.ts'
import type { OwnCluster } from './cluster.ts'
import { clusterPaths } from './layout.ts'
import { attachCluster, closeCluster, openCluster } from './open-cluster.ts'
import { statusLines } from './status.ts'

const USAGE = `usage: npm run testbed -- <command> [--name NAME]

  up [--nodes 2] [--registry]      a real Kubernetes on this machine, in namespaces of its own
  up --kwok 100 [--nodes 1]        a control plane with 100 nodes that kwok plays
  up --owner PID                   the next one to come up removes it once this process is gone
  down [--all]                     removes it and all that it left
  status                           what there is, and how its parts are
  kubeconfig                       path of a kubeconfig that works on this machine
  load IMAGE.tar                   gives an image (a docker-archive) to its nodes
  logs COMPONENT [--node n1] [-f]  what a part of it said: kube-apiserver, kubelet, etcd, …

NAME is "default" where none is given.`

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'default' },
    nodes: { type: 'string' },
    kwok: { type: 'string' },
    registry: { type: 'boolean', default: false },
    owner: { type: 'string' },
    node: { type: 'string', default: 'n1' },
    follow: { type: 'boolean', short: 'f', default: false },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [command = 'help', argument] = positionals

class UsageError extends Error {}

const count = (flag: 'nodes' | 'kwok' | 'owner', most: number): number | undefined => {
  const text = values[flag]
  if (text === undefined) return undefined
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0 || number > most) throw new UsageError(`--${flag} takes a number from 0 to ${most}`)
  return number
}

const attached = async (): Promise<OwnCluster> => {
  const cluster = await attachCluster(values.name)
  if (!cluster) throw new UsageError(`no cluster ${values.name} is up: npm run testbed -- up${values.name === 'default' ? '' : ` --name ${values.name}`}`)
  return cluster
}

const up = async (): Promise<void> => {
  const { signal, close } = lifeline()
  const [nodes, kwok, owner] = [count('nodes', 4), count('kwok', 5_000), count('owner', 2 ** 30)]
  const began = performance.now()
  const given = { ...(nodes !== undefined && { nodes }), ...(kwok !== undefined && { kwok }), ...(owner !== undefined && { owner }) }
  const cluster = await openCluster({ name: values.name, registry: values.registry, ...given, say, signal })
  close()
  say(`the cluster ${cluster.name} is up (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  print(`export KUBECONFIG=${cluster.hostKubeconfig}`)
}

const down = async (): Promise<void> => {
  for (const name of values.all ? await clusterNames() : [values.name]) {
    await closeCluster(name)
    say(`the cluster ${name} is down`)
  }
}

const logs = async (): Promise<void> => {
  if (!argument || !isComponent(argument)) throw new UsageError(`logs of what? One of ${(await attached()).components.map(({ name }) => name).join(', ')}`)
  const { log } = (await attached()).component(argument, values.node)
  const tail = spawn('tail', ['-n', '+1', ...(values.follow ? ['-F'] : []), log], { stdio: 'inherit' })
  await once(tail, 'close')
}

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  up,
  down,
  logs,
  status: async () => (await statusLines()).forEach(print),
  kubeconfig: async () => print((await attached(), clusterPaths(values.name).hostKubeconfig)),
  load: async () => {
    if (!argument) throw new UsageError('load which file? Give a docker-archive, as `docker save` writes it')
    await (await attached()).load(argument)
  },
  help: () => Promise.resolve(print(USAGE)),
}

const main = async (): Promise<number> => {
  const run = values.help ? COMMANDS['help'] : COMMANDS[command]
  if (!run) throw new UsageError(`no command ${command}\n\n${USAGE}`)
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new UsageError('the testbed needs Linux and root: it makes namespaces, mounts and cgroups')
  await run()
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = error instanceof UsageError ? 2 : 1
}
