import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { logTail } from '../../packages/server/src/supervise/log-tail.ts'
import { identify, isAlive, type ProcessIdentity } from '../../packages/server/src/supervise/process-identity.ts'
import { signalProcess } from '../../packages/server/src/supervise/stop-process.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { type CommandInput, componentCommand, type ComponentName } from './component-commands.ts'
import { findHolder } from './holder.ts'
import { isStopped, namespaceOf, processesOfNamespace, programOf } from './processes.ts'

export type ComponentState = 'running' | 'stopped' | 'gone'

/** One program of a cluster, for tests that break it. */
export interface Component {
  readonly name: ComponentName
  /** Name of the node it runs on. */
  readonly node: string
  readonly log: string
  /** Its pid as the machine sees it. */
  pid(): number | undefined
  /** `stopped`: SIGSTOP. */
  state(): ComponentState
  /** Starts it with the same arguments as ever; nothing to do when it runs. Returns when the process is there, not when it is ready. */
  start(): Promise<void>
  /** Sends a signal; waits until it is gone after SIGKILL and SIGTERM, until it stands still after SIGSTOP. Throws when there is no such process. */
  signal(signal: NodeJS.Signals): Promise<void>
  /** The end of its log. */
  tail(lines?: number): Promise<readonly string[]>
}

export interface ComponentInput extends CommandInput {
  /** Environment of the node's programs. */
  readonly env: Readonly<Record<string, string>>
}

/** How a program is named in the process table where that is not the component's name. */
const PROGRAM: Partial<Record<ComponentName, string>> = { registry: 'docker-registry', dns: basename(process.execPath) }

/** Runs from this repository, which a node that has a /tmp of its own may not see: it stays with the machine's mounts. */
const OUR_OWN: readonly ComponentName[] = ['dns']

const findProcess = (name: ComponentName, { node }: ComponentInput): ProcessIdentity | undefined => {
  const holder = findHolder(node)
  const namespace = holder && namespaceOf(holder.pid, 'pid')
  const pid = namespace && processesOfNamespace(namespace).find((each) => programOf(each) === (PROGRAM[name] ?? name))
  return pid ? identify(pid) : undefined
}

/**
 * Starts a program as a child of the node's first process. The shell stays outside the PID namespace and ends at once: a waiting
 * `nsenter` would stop when the program is stopped, and not go on with it.
 */
const launch = async (name: ComponentName, input: ComponentInput, log: string): Promise<void> => {
  const holder = findHolder(input.node)
  if (!holder) throw new Error(`${input.node.name} is not up`)
  await using output = await open(log, 'a')
  const mounts = OUR_OWN.includes(name) ? [] : ['-m']
  const enter = ['-t', String(holder.pid), ...mounts, '-n', '-p', '-u', '-i', `--wd=${input.node.dir}`, '--no-fork', '--']
  const child = spawn('nsenter', [...enter, '/bin/sh', '-c', '"$@" &', 'sh', ...componentCommand(name, input)], {
    cwd: '/',
    env: input.env,
    stdio: ['ignore', output.fd, output.fd],
    detached: true,
  })
  await once(child, 'exit')
}

const ENDING: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT']

export const component = (name: ComponentName, input: ComponentInput): Component => {
  const log = join(input.node.logs, `${name}.log`)
  const find = () => findProcess(name, input)
  return {
    name,
    node: input.node.name,
    log,
    pid: () => find()?.pid,
    state: () => {
      const found = find()
      if (!found) return 'gone'
      return isStopped(found.pid) ? 'stopped' : 'running'
    },
    start: async () => {
      if (find()) return
      await launch(name, input, log)
      if (!(await waitUntil(find, { timeout: 10_000 }))) throw new Error([`${name} does not start:`, ...(await logTail(log, 5))].join('\n'))
    },
    signal: async (signal) => {
      const found = find()
      if (!found || !signalProcess(found, signal)) throw new Error(`${name} does not run on ${input.node.name}`)
      // A signal takes effect when the process is next scheduled.
      if (signal === 'SIGSTOP' && !(await waitUntil(() => isStopped(found.pid), { timeout: 30_000 }))) throw new Error(`${name} goes on after ${signal}`)
      if (!ENDING.includes(signal)) return
      // Not by its command line: that is gone before its ports are free, and one started meanwhile would end at once.
      if (!(await waitUntil(() => !isAlive(found), { timeout: 30_000 }))) throw new Error(`${name} goes on after ${signal}`)
    },
    tail: (lines = 20) => logTail(log, lines),
  }
}
