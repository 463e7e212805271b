import { ErrorBody } from 'davit/contract'
import type { Exchange, WireRequest } from './exchange.ts'
import { type Operation, operationFor, type Promised } from './operations.ts'

const parsedJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

const bodyProblem = ({ type, problem }: Promised, { body, end }: Exchange): string | undefined => {
  if (type === 'application/json') {
    const json = parsedJson(body)
    return json ? problem(json.value) : `the body is no JSON: ${body.slice(0, 200)}`
  }
  if (type !== 'application/x-ndjson') return undefined
  // The last line of a stream that we hung up on may be half a line.
  const lines = body.split('\n').slice(0, -1)
  if (end === 'answer' && body !== '' && !body.endsWith('\n')) return 'the stream ends in the middle of a line'
  return lines
    .map((line) => bodyProblem({ type: 'application/json', problem }, { status: 200, headers: { 'content-type': 'application/json' }, body: line, end }))
    .find(Boolean)
}

const errorProblem = (exchange: Exchange): string | undefined => {
  const json = parsedJson(exchange.body)
  const { error } = ErrorBody.safeParse(json?.value)
  if (error) return `the answer ${exchange.status} is no error body: ${exchange.body.slice(0, 200)}`
  return undefined
}

/** Where a browser is sent: within this server, to where a program of its own machine waits, or to nobody. */
const isGoodPlace = (location = ''): boolean => /^\/(?![/\\])[\x21-\x7e]*$|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\/[\x21-\x7e]*$/.test(location)

const isOurs = ({ target }: WireRequest): boolean => target.startsWith('/api/')

/** What is wrong with an answer; undefined when it is one that the document promises. `broken`: the request was no proper HTTP. */
export const complaint = (request: WireRequest, exchange: Exchange, { broken }: { readonly broken: boolean }): string | undefined => {
  const { end, status, headers, body } = exchange
  if (end === 'late') return 'no answer before the deadline'
  if (end === 'closed') return broken ? undefined : 'the server hung up without an answer'
  if (end === 'open' && status === 0) return undefined
  if (Number.isNaN(status)) return 'the answer is no HTTP'
  if (status >= 500) return `a ${status}: ${body.slice(0, 500)}`
  if (/node_modules|\.ts:\d|at async |insert into|select \*/.test(body) && status >= 400) return `an answer that shows our inside: ${body.slice(0, 500)}`
  // What is no HTTP cannot be known to have been a HEAD.
  if (request.method === 'HEAD') return body === '' || broken ? undefined : 'HEAD was answered with a body'
  const operation: Operation | undefined = operationFor(request.method, request.target)
  if (status === 303 && !isGoodPlace(headers['location'])) return `a 303 that leads to ${headers['location']}`
  if (status >= 400) return (isPage(operation, exchange) ? undefined : errorProblem(exchange)) ?? (operation && documented(operation, exchange))
  if (!operation)
    return isOurs(request) && status !== 204 && status < 300 && headers['content-type'] === undefined ? 'a success of nothing that is documented' : undefined
  return documented(operation, exchange)
}

const said = ({ headers }: Exchange): string => headers['content-type'] ?? ''

/** A failure that the document allows to be shown as a page. */
const isPage = (operation: Operation | undefined, exchange: Exchange): boolean =>
  said(exchange).startsWith('text/html') && (operation?.answer(exchange.status) ?? []).some(({ type }) => type === 'text/html')

const documented = (operation: Operation, exchange: Exchange): string | undefined => {
  const { status, body } = exchange
  const promises = operation.answer(status)
  if (promises === undefined) return `the document says nothing of a ${status} of ${operation.id}`
  // After 101 come frames, and no body.
  if (promises.length === 0) return body === '' || status === 101 ? undefined : `the document promises no body, this came: ${body.slice(0, 200)}`
  const promise = promises.find(({ type }) => said(exchange).startsWith(type))
  if (!promise) return `the content type is ${said(exchange)}, not ${promises.map(({ type }) => type).join(' or ')}`
  const problem = bodyProblem(promise, exchange)
  return problem === undefined ? undefined : `${operation.id} ${status} is not as documented: ${problem}`
}
