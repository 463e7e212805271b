import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { once } from 'node:events'

/** One call to the engine's API, by method and decoded address. */
export type Call = string
export interface Moment {
  /** Before the engine hears of a call, or when it has done it and its caller does not know yet. */
  readonly when: 'before' | 'after'
  readonly call: RegExp
}

export interface EngineProxy {
  readonly socketPath: string
  /** Holds the first call that fits at that moment, does `act` and cuts the connection. Settles when `act` is done. */
  once(moment: Moment, act: () => Promise<unknown>): Promise<void>
  /** Answers calls that fit with this error from now on, instead of the engine. Gives what ends that. */
  refuse(call: RegExp, answer: { readonly status: number; readonly message: string }): () => void
  close(): Promise<void>
}

interface Trap extends Moment {
  readonly spring: () => Promise<void>
}

/** Stands between a server and its engine, so that a test can act at exactly one moment of what passes between them. */
export async function engineProxy(target: string, socketPath: string): Promise<EngineProxy> {
  const traps = new Set<Trap>()
  const refusals = new Set<{ readonly call: RegExp; readonly status: number; readonly message: string }>()

  /** True: a trap fitted, and nothing more happens to this call. */
  const trapped = async (when: Moment['when'], call: Call): Promise<boolean> => {
    const trap = [...traps].find((one) => one.when === when && one.call.test(call))
    if (!trap) return false
    traps.delete(trap)
    await trap.spring()
    return true
  }

  async function pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const call = `${asked.method} ${decodeURIComponent(asked.url ?? '')}`
    const refusal = [...refusals].find((one) => one.call.test(call))
    if (refusal) return void answer.writeHead(refusal.status, { 'content-type': 'application/json' }).end(JSON.stringify({ message: refusal.message }))
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
    refuse: (call, answer) => {
      const refusal = { call, ...answer }
      refusals.add(refusal)
      return () => void refusals.delete(refusal)
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
