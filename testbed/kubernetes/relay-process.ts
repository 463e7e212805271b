import { connect, Server, type Socket } from 'node:net'

/**
 * Runs in a cluster's network namespace as a process of its own: `relay-process.ts <folder> <pid> <host> <port>`. It is handed a
 * listening socket of the machine's namespace, and passes what comes there on to the API server. It ends with the cluster.
 */
const [, , , holder = '', host = '', port = ''] = process.argv

const pass = (near: Socket): void => {
  const far = connect(Number(port), host)
  near.on('error', () => far.destroy()).on('close', () => far.destroy())
  far.on('error', () => near.destroy()).on('close', () => near.destroy())
  near.setNoDelay().pipe(far.setNoDelay()).pipe(near)
}

process.once('message', (_message, server) => {
  if (server instanceof Server) server.on('connection', pass)
  process.send?.('ready')
  process.disconnect()
})

setInterval(() => {
  try {
    process.kill(Number(holder), 0)
  } catch {
    process.exit()
  }
}, 500)
