import type { Davit } from '#client/davit.ts'
import { aborted } from '#client/deadline.ts'
import { DavitError } from '#contract/error.ts'
import type { Run } from '#contract/run.ts'

/** An address of the service; a whole URL must name the same host and port, so that a request cannot leave by mistake. */
export const serviceUrl = (run: Run, path: string): URL => {
  const { service, state } = run.status
  if (service?.url === undefined)
    throw new DavitError('unavailable', `run ${run.name} has no address (${state})`, { hint: "wait for it with run.wait({ until: 'ready' })" })
  const base = `http://${service.url}`
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined
  if (url?.host !== new URL(base).host)
    throw new DavitError('invalid', `${path} does not lead to run ${run.name}, which answers at ${service.url}`, { path: 'path' })
  return url
}

/** A container answers a moment before every machine in front of it passes connections on: so long a refused one is tried again, in ms. */
const REFUSED = { patience: 5000, every: 100 } as const

/** Nobody took the connection, so nothing was sent, and sending it again is safe. */
const wasRefused = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined
  const all = cause instanceof AggregateError ? cause.errors : [cause]
  return all.some((one) => one instanceof Error && 'code' in one && one.code === 'ECONNREFUSED')
}

const fetchPatiently = async (client: Davit, url: URL, init: RequestInit): Promise<Response> => {
  const end = performance.now() + (init.body instanceof ReadableStream ? 0 : REFUSED.patience)
  for (;;) {
    const answer = await client.fetch(url.href, { method: init.body == null ? 'GET' : 'POST', ...init }).catch((error: unknown) => {
      if (init.signal?.aborted || !wasRefused(error) || performance.now() > end) throw error
    })
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, REFUSED.every))
  }
}

/** One HTTP request to a service, past the server. GET, or POST when there is a body. The token is not sent. */
export const invokeService = async (client: Davit, url: URL, init: RequestInit): Promise<Response> => {
  try {
    return await fetchPatiently(client, url, init)
  } catch (cause) {
    if (init.signal?.aborted) throw aborted(init.signal)
    throw new DavitError('unreachable', `the service does not answer at ${url.host}`, { hint: 'look at its logs: run.logs()', cause })
  }
}
