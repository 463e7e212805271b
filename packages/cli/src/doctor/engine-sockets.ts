import { request } from 'node:http'
import { join } from 'node:path'
import type { Io } from '#runner/io.ts'
import { type Check, ok, warn } from './check.ts'

const PATIENCE_MS = 2000

/** Where Docker and Podman listen by themselves, the user's own wish first. */
export const engineSockets = (env: Io['env']): readonly string[] => {
  const wanted = env['DOCKER_HOST']
  if (wanted?.startsWith('unix://')) return [wanted.slice('unix://'.length)]
  const runtime = env['XDG_RUNTIME_DIR']
  const home = env['HOME']
  return [
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
    ...(runtime ? [join(runtime, 'docker.sock'), join(runtime, 'podman', 'podman.sock')] : []),
    ...(home ? [join(home, '.docker', 'run', 'docker.sock'), join(home, '.colima', 'default', 'docker.sock')] : []),
  ]
}

/** The engine's version when something answers on that socket, else why not. */
const ping = (socketPath: string): Promise<{ readonly version: string } | { readonly reason: string }> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: '/version', timeout: PATIENCE_MS }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ version: text.match(/"Version"\s*:\s*"([^"]+)"/)?.[1] ?? 'unknown version' }))
    })
    asked.on('timeout', () => asked.destroy(new Error('it does not answer')))
    asked.on('error', (error: NodeJS.ErrnoException) => resolve({ reason: error.code ?? error.message }))
    asked.end()
  })

/** Is there an engine that a server started here could use? Looked for only when no server runs: a server has its own answer. */
export const checkEngineSockets = async (env: Io['env']): Promise<Check> => {
  const wanted = env['DOCKER_HOST']
  if (wanted && !wanted.startsWith('unix://'))
    return warn('engine', `DOCKER_HOST is ${wanted}; not looked at`, 'start the server: it says whether the engine answers')
  const denied: string[] = []
  for (const socket of engineSockets(env)) {
    const answer = await ping(socket)
    if ('version' in answer) return ok('engine', `${answer.version} on ${socket}`)
    if (answer.reason !== 'ENOENT') denied.push(`${socket}: ${answer.reason}`)
  }
  if (denied.length > 0) return warn('engine', denied.join(', '), 'start the engine, or get the right to use its socket (group docker)')
  return warn('engine', 'no Docker or Podman socket', 'start Docker or Podman; as root on Debian and Ubuntu `davit server` brings an engine of its own')
}
