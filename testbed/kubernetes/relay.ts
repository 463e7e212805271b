import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { isAlive } from '../../packages/server/src/supervise/process-identity.ts'
import { commandLine } from '../../packages/server/src/supervise/process-table.ts'
import { signalProcess } from '../../packages/server/src/supervise/stop-process.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { insideOf } from './holder.ts'
import { type ClusterPaths, NETWORK, nodeAddress } from './layout.ts'
import { processesWithArgument } from './processes.ts'

const listen = async (port: number): Promise<Server> => {
  const server = createServer({ pauseOnConnect: true })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** The port that was, if it is free; else another. */
const listenAgain = (port: number | undefined): Promise<Server> => (port === undefined ? listen(0) : listen(port).catch(() => listen(0)))

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

interface Relay {
  /** Listens in the machine's namespace. */
  readonly server: Server
  /** Pid of the first process of node n1. */
  readonly holder: number
  /** Where it leads to, on node n1. */
  readonly port: number
}

export const relayRuns = ({ dir }: ClusterPaths): boolean => processesWithArgument(dir).some(({ pid }) => commandLine(pid)?.at(-1) === String(NETWORK.apiPort))

const relay = async (paths: ClusterPaths, { server, holder, port }: Relay): Promise<number> => {
  try {
    await using log = await open(join(paths.dir, 'relay.log'), 'a')
    const own = [process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'relay-process.ts')]
    const [program = '', ...args] = insideOf(holder, 'net', [...own, paths.dir, String(holder), nodeAddress(0), String(port)])
    const child = spawn(program, args, { cwd: '/', stdio: ['ignore', log.fd, log.fd, 'ipc'], detached: true })
    const ready = Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the relay ended with ${String(code)}`))),
    ])
    child.send('serve', server)
    await ready
    child.unref()
    return portOf(server)
  } finally {
    server.close()
  }
}

/** Opens a port on the machine's loopback that leads to the cluster's API server, and gives it. `wanted`: the port to have if it is free. */
export const startRelay = async (paths: ClusterPaths, holder: number, wanted?: number): Promise<number> =>
  relay(paths, { server: await listenAgain(wanted), holder, port: NETWORK.apiPort })

/** The same port of the machine's loopback as of node n1: for a node port. Throws where it is taken. */
export const exposePort = async (paths: ClusterPaths, holder: number, port: number): Promise<number> =>
  relay(paths, { server: await listen(port), holder, port })

/** Ends all relays of a cluster. */
export const stopRelay = async ({ dir }: ClusterPaths): Promise<void> => {
  for (const found of processesWithArgument(dir)) {
    signalProcess(found, 'SIGKILL')
    await waitUntil(() => !isAlive(found), { timeout: 5_000 })
  }
}
