import { readFileSync } from 'node:fs'
import module from 'node:module'

module.enableCompileCache?.()

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown'
const argv = process.argv.slice(2)

/** Written before leaving: what still sits in a pipe would be lost. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => (stream.writableLength === 0 ? resolve() : stream.write('', () => resolve())))

const main = async (): Promise<number> => {
  // `server` reads its own flags, and `complete` is what shells call: neither is parsed here.
  if (argv[0] === 'server') return (await import('#commands/server.ts')).startServer(argv.slice(1))
  const [{ processIo }, { runCli }] = await Promise.all([import('./runner/process-io.ts'), import('./cli.ts')])
  const cli = { argv, version, io: processIo(), process }
  if (argv[0] === 'complete') return (await import('./complete.ts')).complete(cli)
  return runCli(cli)
}

const code = await main()
await Promise.all([flushed(process.stdout), flushed(process.stderr)])
process.exit(code)
