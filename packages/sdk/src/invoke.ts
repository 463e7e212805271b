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

/** One HTTP request to a service, past the server. GET, or POST when there is a body. The token is not sent. */
export const invokeService = async (client: Davit, url: URL, init: RequestInit): Promise<Response> => {
  try {
    return await client.fetch(url.href, { method: init.body == null ? 'GET' : 'POST', ...init })
  } catch (cause) {
    if (init.signal?.aborted) throw aborted(init.signal)
    throw new DavitError('unreachable', `the service does not answer at ${url.host}`, { hint: 'look at its logs: run.logs()', cause })
  }
}
