import { DavitError } from 'davit/contract'
import type { KubeEndpoint } from './endpoint.ts'

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '')

/** The error that says most: several addresses tried are several errors in one, and libraries wrap. */
function innermost(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0])
  return error instanceof Error && codeOf(error) === '' && error.cause instanceof Error ? innermost(error.cause) : error
}

/** The connection broke after it stood: the same call may work on a new one. */
export const isReset = (error: unknown): boolean => ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNABORTED'].includes(codeOf(innermost(error)))

const RUN_IT = 'See that the API server runs and can be reached from this machine; `kubectl get --raw /readyz` with the same kubeconfig tells.'
const TLS_HINT = 'Compare the certificate-authority of the kubeconfig with what the server shows; a server under another name needs tls-server-name.'

/** What is known by the error's code: what happened, and what to do. */
const KNOWN: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ECONNREFUSED: ['nothing listens there (connection refused)', RUN_IT],
  ENOTFOUND: ['its host name does not resolve', 'Correct the server in the kubeconfig, or the name service of this machine.'],
  EAI_AGAIN: ['its host name could not be resolved just now', RUN_IT],
  EHOSTUNREACH: ['no route leads to its host', RUN_IT],
  ENETUNREACH: ['no route leads to its network', RUN_IT],
  UND_ERR_CONNECT_TIMEOUT: ['it does not take the connection within 5 s', RUN_IT],
  ETIMEDOUT: ['the connection timed out', RUN_IT],
  CERT_HAS_EXPIRED: ["its TLS certificate has expired (or this machine's clock is wrong)", 'Renew the certificate of the API server, and check the clock.'],
  CERT_NOT_YET_VALID: ["its TLS certificate is not valid yet (or this machine's clock is wrong)", 'Check the clock of this machine.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its TLS certificate is for another name', TLS_HINT],
}
const TLS_UNTRUSTED = /^(?:UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_|CRL_|INVALID_CA|ERR_TLS|ERR_SSL|EPROTO)/

function wordsFor(error: unknown): readonly [string, string] {
  const inner = innermost(error)
  const code = codeOf(inner)
  const words = inner instanceof Error ? inner.message : String(inner)
  if (/^ERR_(?:OSSL|SSL_.*KEY|CRYPTO)/.test(code))
    return [`the client certificate or key cannot be used (${words})`, 'Correct certificate and key of the user in the kubeconfig.']
  const known = KNOWN[code]
  if (known) return [code.startsWith('CERT') || code.startsWith('ERR_TLS') ? `${known[0]} (${words})` : known[0], known[1]]
  if (TLS_UNTRUSTED.test(code)) return [`its TLS certificate cannot be verified (${words})`, TLS_HINT]
  return [isReset(inner) ? 'the connection broke' : words, RUN_IT]
}

/** A call that got no answer, in words: DavitError `unavailable`, with what is wrong, where, and what to do. */
export function troubleOf(error: unknown, { server, source }: Pick<KubeEndpoint, 'server' | 'source'>): DavitError {
  if (error instanceof DavitError) return error
  const [what, hint] = wordsFor(error)
  return new DavitError('unavailable', `The API server ${server} (${source}) does not answer: ${what}.`, { hint, cause: error })
}

/** A call that took too long. */
export const tooLate = ({ server }: Pick<KubeEndpoint, 'server'>, what: string, ms: number): DavitError =>
  new DavitError('timeout', `The API server ${server} did not ${what} within ${ms / 1000} s.`, { hint: RUN_IT })
