import { DavitError } from 'davit/contract'
import type { Colors } from './colors.ts'
import type { Format } from './globals.ts'

/** Whatever was thrown as the one error class; a bug of ours is `internal`, and says where. */
export const asDavitError = (thrown: unknown): DavitError => {
  if (thrown instanceof DavitError) return thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return new DavitError('internal', error.message, { cause: error })
}

/** Printable causes, outermost first, as `connect ECONNREFUSED …`. */
const causesOf = (error: Error): readonly string[] => (error.cause instanceof Error ? [error.cause.message || error.cause.name, ...causesOf(error.cause)] : [])

/** An error for a program: the same fields in every command. */
const asJson = ({ code, message, hint, path, requestId }: DavitError): string =>
  `${JSON.stringify({ error: { code, message, ...(hint !== undefined && { hint }), ...(path !== undefined && { path }), ...(requestId !== undefined && { request_id: requestId }) } })}\n`

const asText = (error: DavitError, { colors, verbose }: { colors: Colors; verbose: boolean }): string => {
  const lines = [`${colors.red('error:')} ${error.message}`]
  if (error.hint !== undefined) lines.push(`${colors.dim('hint:')}  ${error.hint}`)
  if (verbose)
    lines.push(
      `code:  ${error.code}${error.requestId === undefined ? '' : ` (request ${error.requestId})`}`,
      ...causesOf(error).map((cause) => `cause: ${cause}`),
    )
  if (verbose && error.code === 'internal' && error.cause instanceof Error) lines.push(error.cause.stack ?? '')
  return `${lines.join('\n')}\n`
}

/** What goes to stderr for an error. */
export const renderFailure = (error: DavitError, how: { format: Format; colors: Colors; verbose: boolean }): string =>
  how.format === 'json' ? asJson(error) : asText(error, how)
