import { request } from 'node:http'

/** Where an engine answers. */
export type EngineAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number }

export interface EngineCall {
  readonly address: EngineAddress
  /** Default GET. */
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** Milliseconds. Default 10 000. */
  readonly timeout?: number
  readonly signal?: AbortSignal | undefined
}

export interface EngineAnswer {
  readonly status: number
  readonly body: string
}

/** Only the address: whatever else an object carries, Node would take for options of the socket (`destroy` among them). */
const target = (address: EngineAddress) => ('socketPath' in address ? { socketPath: address.socketPath } : { host: address.host, port: address.port })

/** One plain request to a Docker-compatible API. Rejects when nobody answers in time; any status is an answer. */
export const engineCall = ({ address, method = 'GET', path, timeout = 10_000, signal }: EngineCall): Promise<EngineAnswer> =>
  new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(timeout)
    const call = request(
      { ...target(address), method, path, agent: false, headers: { host: 'docker' }, signal: signal ? AbortSignal.any([signal, limit]) : limit },
      (answer) => {
        let body = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => {
          body += chunk
        })
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }))
        answer.once('error', fail)
      },
    )
    const fail = (error: Error): void =>
      reject(signal?.aborted === true ? signal.reason : limit.aborted ? new Error(`no answer within ${timeout} ms`, { cause: error }) : error)
    call.once('error', fail)
    call.end()
  })

/** Undefined: an engine answers there. Else why not. */
export const pingEngine = (address: EngineAddress, timeout: number, signal?: AbortSignal): Promise<string | undefined> =>
  engineCall({ address, path: '/_ping', timeout, signal }).then(
    ({ status }) => (status === 200 ? undefined : `answers with status ${status}`),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
