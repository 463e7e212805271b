import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../tools/command.ts'
import { startServer } from '../../tools/davit-server.ts'
import type { BenchContext } from '../bench.ts'

const TOKEN = /\bdvt_[\w-]{20,}/

/** Whether this server can ask for tokens at all. */
const hasAuthentication = (): boolean =>
  spawnSync(process.execPath, [join(root, 'packages', 'cli', 'bin.cjs'), 'server', '--help'], { encoding: 'utf8' }).stdout.includes('--auth ')

/** A Davit on the same database that answers only to a token, and the token of its first administrator. Undefined: there is no such thing yet. */
export const startWithBearer = async (
  { folder, signal }: BenchContext,
  databaseUrl: string,
): Promise<{ readonly url: string; readonly token: string; stop(): Promise<void> } | undefined> => {
  if (!hasAuthentication()) return undefined
  const data = join(folder, 'bearer')
  await mkdir(data)
  const said: string[] = []
  // The limit is there for strangers; here nobody is to be measured by it.
  const flags = ['--engine', 'memory', '--database', databaseUrl, '--log-level', 'warn', '--auth', 'bearer', '--rate-limit', '1000000000']
  const server = await startServer({ data, flags, signal, onLine: (line) => said.push(line) })
  const token = TOKEN.exec(said.join('\n'))?.[0]
  if (token !== undefined) return { url: server.endpoint, token, stop: server.stop }
  await server.stop()
  throw new Error('a server with authentication started, and showed no token')
}
