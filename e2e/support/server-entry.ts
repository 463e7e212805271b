import { main } from '../../packages/server/src/main.ts'

// The server as `davit server` runs it, in a process whose pid is the server's own, so that a signal reaches it and nobody else.
process.exitCode = await main(process.argv.slice(2))
process.exit()
