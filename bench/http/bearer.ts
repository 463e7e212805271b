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

/** A Davit on a database that others use too, with these flags besides. `said`: its lines until it was ready. */
const startBeside = async ({ folder, signal }: BenchContext, { name, databaseUrl, flags }: { name: string; databaseUrl: string; flags: readonly string[] }) => {
  const data = join(folder, name)
  await mkdir(data)
  const said: string[] = []
  const common = ['--engine', 'memory', '--database', databaseUrl, '--log-level', 'warn']
  const server = await startServer({ data, flags: [...common, ...flags], signal, onLine: (line) => said.push(line) })
  return { url: server.endpoint, said: said.join('\n'), stop: server.stop }
}

export interface Pair {
  readonly guarded: string
  /** What the guarded one wants to see. */
  readonly token: string
  readonly open: string
  stop(): Promise<void>
}

/** Two Davits, both new: one that answers only to a token, of its first administrator, and one that answers to all. Undefined: there is no such thing yet. */
export const startPair = async (context: BenchContext, databaseUrl: string): Promise<Pair | undefined> => {
  if (!hasAuthentication()) return undefined
  // The limit is there for strangers; here nobody is to be measured by it.
  await using starting = new AsyncDisposableStack()
  const guarded = await startBeside(context, { name: 'guarded', databaseUrl, flags: ['--auth', 'bearer', '--rate-limit', '1000000000'] })
  starting.defer(guarded.stop)
  const token = TOKEN.exec(guarded.said)?.[0]
  if (token === undefined) throw new Error('a server with authentication started, and showed no token')
  const open = await startBeside(context, { name: 'open', databaseUrl, flags: [] })
  starting.defer(open.stop)
  const started = starting.move()
  return { guarded: guarded.url, token, open: open.url, stop: () => started.disposeAsync() }
}
