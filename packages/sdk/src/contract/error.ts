/**
 * Every failure a caller can see. Wire status and CLI exit code (reference: peers §7.3) are columns of it. Codes without a wire
 * status arise in the client. Duplicates are 400, not 409: official clients look for 400 with `Duplicated entity`.
 */
export const ERROR_CODES = {
  invalid: { status: 400, exit: 2 },
  duplicate: { status: 400, exit: 5 },
  illegal_transition: { status: 400, exit: 5 },
  unauthenticated: { status: 401, exit: 4 },
  forbidden: { status: 403, exit: 4 },
  not_found: { status: 404, exit: 3 },
  method_not_allowed: { status: 405, exit: 2 },
  timeout: { status: 408, exit: 124 },
  conflict: { status: 409, exit: 5 },
  too_large: { status: 413, exit: 2 },
  unsupported_media_type: { status: 415, exit: 2 },
  rate_limited: { status: 429, exit: 6 },
  internal: { status: 500, exit: 1 },
  unavailable: { status: 503, exit: 1 },
  unreachable: { status: 0, exit: 1 },
  bad_answer: { status: 0, exit: 1 },
  aborted: { status: 0, exit: 130 },
} as const satisfies Record<string, { status: number; exit: number }>
export type ErrorCode = keyof typeof ERROR_CODES

export interface ErrorDetails {
  /** Where in the input, as `spec.resources.mem`. */
  readonly path?: string
  /** What to do about it, as one sentence. */
  readonly hint?: string
  /** The server's id of the failed request, found again in its log. */
  readonly requestId?: string
  /** Seconds after which the same may do better. */
  readonly retryAfterS?: number
  readonly cause?: unknown
}

/** The one error class of Davit: thrown by services, sent by the server, thrown again by the SDK. */
export class DavitError extends Error {
  override readonly name = 'DavitError'
  readonly code: ErrorCode
  readonly path: string | undefined
  readonly hint: string | undefined
  readonly requestId: string | undefined
  readonly retryAfterS: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.path = details.path
    this.hint = details.hint
    this.requestId = details.requestId
    this.retryAfterS = details.retryAfterS
  }
}

export const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(ERROR_CODES, code)

/** `No such run.` is the reference's text; what follows says which. */
export const notFound = (entity: string, which: string, hint?: string): DavitError =>
  new DavitError('not_found', `No such ${entity}. ${which}`, hint === undefined ? {} : { hint })

/** The exact text that official clients recognise as "already exists". */
export const duplicated = (entity: string, name: string): DavitError => new DavitError('duplicate', `Duplicated entity ${entity}:${name}.`)

export const illegalTransition = (from: string, to: string, hint?: string): DavitError =>
  new DavitError('illegal_transition', `Invalid transition from state ${from} to state ${to}.`, hint === undefined ? {} : { hint })
