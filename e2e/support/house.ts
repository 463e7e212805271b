import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Davit, type FunctionHandle, getOrCreateProject, type ProjectHandle } from 'davit'
import { onTestFailed, onTestFinished } from 'vitest'
import { cacheFolder } from '../../testbed/images/index.ts'
import { enginePaths } from '../../packages/server/src/engines/docker/private/paths.ts'
import { startPrivateEngine } from '../../packages/server/src/engines/docker/private/start-private-engine.ts'
import { silentLog } from '../../packages/server/src/supervise/log.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { IMAGE } from './test-engine.ts'
import { refusedServer, type ServerEnd, type ServerFlags, type ServerProcess, startServerProcess } from './server-process.ts'
import { enginePool, NOTHING, tracesOf } from './traces.ts'

export interface HouseOptions {
  /** `private`: its own dockerd in the data folder; `kubernetes`: the cluster that flags and environment name. Else the socket of one that runs, or how to reach a cluster. Default: `memory`. */
  readonly engine?: 'memory' | 'private' | 'kubernetes' | { readonly socketPath: string } | { readonly kubeconfig: string }
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A data folder, and the servers that live in it one after another. */
export interface House {
  readonly data: string
  readonly url: string
  readonly server: ServerProcess
  /** Starts the next server, at the address of the one before. */
  start(): Promise<ServerProcess>
  /** A start that is expected to be refused. */
  refused(more?: readonly string[]): Promise<ServerEnd & { readonly said: string }>
  /** Patient: asks again while the server is away. */
  client(options?: { readonly retries?: number }): Davit
  project(name?: string): Promise<ProjectHandle>
  /** Logs of all its servers, for whoever has to find out what happened. */
  logs(): string
  /** Ends whatever runs, removes the folder, and throws if anything is left on the machine. */
  close(): Promise<void>
}

const engineSettings = ({ engine = 'memory' }: HouseOptions): ServerFlags => {
  if (typeof engine === 'string') return { flags: ['--engine', engine] }
  if ('kubeconfig' in engine) return { flags: ['--engine', 'kubernetes', '--kubeconfig', engine.kubeconfig] }
  return { flags: ['--engine', 'docker'], env: { DOCKER_HOST: `unix://${engine.socketPath}` } }
}

const flagsOf = (data: string, port: string, options: HouseOptions): ServerFlags => {
  const { flags, env } = engineSettings(options)
  return {
    flags: ['--listen', `127.0.0.1:${port}`, '--data', data, '--cache', cacheFolder(), ...flags, ...(options.flags ?? [])],
    env: { ...env, ...options.env },
  }
}

/** A folder short enough for sockets and open for the database's account. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp('/tmp/dv-e2e-')
  await chmod(folder, 0o755)
  return folder
}

/** Ends what a killed server left, and checks that nothing is left after that. */
export async function closeFolder(folder: string): Promise<void> {
  const data = join(folder, 'data')
  const pool = await enginePool(data)
  // A database dies with its server, but not in the same moment.
  await waitUntil(async () => (await tracesOf(`${data}/postgres`)).processes.length === 0, { timeout: 20_000, every: 50 })
  if (existsSync(enginePaths(`${data}/engine`).record))
    await (await startPrivateEngine({ dir: `${data}/engine`, cacheDir: cacheFolder(), log: silentLog })).destroy()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  const left = await waitUntil(async () => JSON.stringify(await tracesOf(folder, pool)) === JSON.stringify(NOTHING), { timeout: 10_000, every: 50 })
  if (!left) throw new Error(`left on the machine: ${JSON.stringify(await tracesOf(folder, pool))}`)
}

/** A new data folder with a running server. The caller closes it. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const spawned: Pick<ServerProcess, 'end'>[] = []
  const folder = await newFolder()
  const close = async (): Promise<void> => {
    for (const { end } of spawned) await end('SIGKILL')
    await closeFolder(folder)
  }
  const data = join(folder, 'data')
  const servers: ServerProcess[] = []
  const newest = (): ServerProcess => {
    const server = servers.at(-1)
    if (!server) throw new Error('no server was started')
    return server
  }
  const start = async (): Promise<ServerProcess> => {
    const port = servers.length === 0 ? '0' : new URL(newest().url).port
    servers.push(await startServerProcess(flagsOf(data, port, options), (one) => spawned.push(one)))
    return newest()
  }
  try {
    await start()
  } catch (error) {
    await close()
    throw error
  }
  const client = ({ retries = 20 } = {}) => new Davit({ endpoint: newest().url, retries })
  return {
    data,
    get url() {
      return newest().url
    },
    get server() {
      return newest()
    },
    start,
    refused: (more = []) => refusedServer({ ...flagsOf(data, '0', options), flags: [...flagsOf(data, '0', options).flags, ...more] }),
    client,
    project: (name = 'faults') => getOrCreateProject(name, { client: client() }),
    logs: () => servers.map(({ pid, log }) => `--- log of server ${pid}\n${log().slice(-20_000)}\n`).join(''),
    close,
  }
}

/** A house for one test: it ends with the test, however that went, and shows its logs when it failed. */
export async function testHouse(options: HouseOptions = {}): Promise<House> {
  const house = await openHouse(options)
  onTestFailed(() => void process.stderr.write(house.logs()))
  onTestFinished(house.close)
  return house
}

/** A function that runs a line of shell in the test image. */
export const shell = (project: ProjectHandle, script: string, name = 'shell'): Promise<FunctionHandle> =>
  project.newFunction({ name, kind: 'container', image: IMAGE, command: 'sh', args: ['-c', script] })

/** A function that serves `/www` of the test image on port 8501. */
export const web = (project: ProjectHandle): Promise<FunctionHandle> =>
  project.newFunction({ name: 'web', kind: 'container', image: IMAGE, command: 'httpd', args: ['-f', '-p', '8501', '-h', '/www'] })
export const WEB_PORTS = { service_ports: [{ port: 8085, target_port: 8501 }], service_type: 'NodePort' } as const
