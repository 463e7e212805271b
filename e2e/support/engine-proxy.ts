import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { once } from 'node:events'

export interface Moment {
  /** Before the engine hears of a call, or when it has done it and its caller does not know yet. */
  readonly when: 'before' | 'after'
  /** Fits `GET /containers/json?…`, decoded. */
  readonly call: RegExp
}

export interface EngineProxy {
  readonly socketPath: string
  /** Holds the first call that fits at that moment, does `act` and cuts the connection. Settles when `act` is done. */
  once(moment: Moment, act: () => Promise<unknown>): Promise<void>
  close(): Promise<void>
}

interface Trap extends Moment {
  readonly spring: () => Promise<void>
}

/** Stands between a server and its engine, so that a test can act at exactly one moment of what passes between them. */
export async function engineProxy(target: string, socketPath: string): Promise<EngineProxy> {
  const traps = new Set<Trap>()

  /** True: a trap fitted, and nothing more happens to this call. */
  const trapped = async (when: Moment['when'], call: string): Promise<boolean> => {
    const trap = [...traps].find((one) => one.when === when && one.call.test(call))
    if (!trap) return false
    traps.delete(trap)
    await trap.spring()
    return true
  }

  async function pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const call = `${asked.method} ${decodeURIComponent(asked.url ?? '')}`
    if (await trapped('before', call)) return void asked.socket.destroy()
    const onward = request({ socketPath: target, method: asked.method, path: asked.url, headers: asked.headers, agent: false })
    const cut = (): void => void (onward.destroy(), asked.socket.destroy())
    onward.on('error', cut)
    answer.on('close', () => onward.destroy())
    onward.on('response', (response) => {
      response.on('error', cut)
      void trapped('after', call).then((held) => {
        if (held) return cut()
        answer.writeHead(response.statusCode ?? 500, response.headers)
        answer.flushHeaders()
        response.pipe(answer)
      })
    })
    asked.pipe(onward)
  }

  const server = createServer((asked, answer) => {
    pass(asked, answer).catch(() => asked.socket.destroy())
  })
  server.on('connection', (socket) => socket.on('error', () => undefined)) // a killed server hangs up in the middle
  server.listen(socketPath)
  await once(server, 'listening')
  return {
    socketPath,
    once: (moment, act) =>
      new Promise((resolve, reject) => {
        traps.add({ ...moment, spring: () => act().then(() => resolve(), reject) })
      }),
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
