import { localCommand, rest } from '#runner/command.ts'

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('@davit/server')

/** Hands all that follows `davit server` to the server package, which has flags of its own. Gives the exit code. */
export const startServer = async (argv: readonly string[]): Promise<number> => {
  const server = await import('@davit/server').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (!server) {
    process.stderr.write('error: the server is not installed\nhint:  npm install @davit/server\n')
    return 1
  }
  return (await server.main([...argv])) ?? 0
}

/** Only for `davit help`: the entry calls `startServer` before anything is parsed. */
export const server = localCommand({
  name: 'server',
  group: 'server',
  summary: 'Start a server here, until Ctrl-C (`davit server --help` lists its flags)',
  args: { flags: rest('Flags of the server') },
  examples: ['davit server --listen 127.0.0.1:8080 --data ./data', 'davit server --print-config   # where each setting comes from'],
  run: ({ input }) => startServer(input.flags),
})
