import { spawn } from 'node:child_process'
import { mkdir, open, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { capLog } from '#supervise/log-tail.ts'
import { type ProcessIdentity, identify } from '#supervise/process-identity.ts'
import { type Daemon, daemonOf, endOf, LOG_LIMIT } from './daemon.ts'
import type { EnginePrograms } from './engine-programs.ts'
import type { EnginePaths } from './paths.ts'

/** The same files that dockerd uses for a containerd that it starts itself, so that either finds the other's. */
export const containerdFiles = ({ exec, data }: EnginePaths) => {
  const folder = join(exec, 'containerd')
  return {
    folder,
    config: join(folder, 'containerd.toml'),
    pidFile: join(folder, 'containerd.pid'),
    socket: join(folder, 'containerd.sock'),
    root: join(data, 'containerd/daemon'),
    state: join(folder, 'daemon'),
  }
}

/** Settings of a containerd that serves dockerd only. Pure. */
export const containerdConfig = (paths: EnginePaths): string => {
  const { root, state, socket } = containerdFiles(paths)
  return [
    'version = 2',
    `root = ${JSON.stringify(root)}`,
    `state = ${JSON.stringify(state)}`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `  address = ${JSON.stringify(socket)}`,
    '',
  ].join('\n')
}

/** The live containerd of this engine, whoever started it. */
export const runningContainerd = (paths: EnginePaths): Promise<ProcessIdentity | undefined> => {
  const { pidFile, config } = containerdFiles(paths)
  return daemonOf(pidFile, config)
}

export interface ContainerdOptions {
  readonly paths: EnginePaths
  readonly programs: EnginePrograms
  /** Socket of the machine's containerd. */
  readonly systemSocket: string
}

/**
 * dockerd uses the machine's containerd (that of a Kubernetes node, say) wherever its socket file lies, dead or alive, and would share its
 * containers or hang. There we start one of our own. Undefined: no such file, so dockerd sees to it itself.
 */
export const startContainerd = async ({ paths, programs, systemSocket }: ContainerdOptions): Promise<(Daemon & { readonly socket: string }) | undefined> => {
  const shared = await stat(systemSocket).catch(() => undefined)
  if (shared === undefined) return undefined
  const { folder, config, pidFile, socket } = containerdFiles(paths)
  const running = await runningContainerd(paths)
  if (running) return { identity: running, ended: endOf(running), socket }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(config, containerdConfig(paths))
  await capLog(paths.containerdLog, LOG_LIMIT)
  const output = await open(paths.containerdLog, 'a', 0o640)
  const child = spawn(programs.containerd, ['--config', config], { cwd: '/', env: programs.env, stdio: ['ignore', output.fd, output.fd], detached: true })
  child.unref()
  await output.close()
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`containerd: ${error.message}`))
    child.once('exit', (code, by) => resolve(`containerd: ${by === null ? `exit code ${code}` : `ended by ${by}`}`))
  })
  const identity = identify(child.pid ?? 0) ?? { pid: child.pid ?? 0, started: 'gone' }
  await writeFile(pidFile, String(identity.pid))
  return { identity, ended, socket }
}
