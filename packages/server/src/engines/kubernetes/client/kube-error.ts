import * as z from 'zod'

/** The API's `Status`: how it says no. */
const Status = z.looseObject({
  message: z.string().nullish(),
  reason: z.string().nullish(),
  code: z.number().nullish(),
  details: z
    .looseObject({
      kind: z.string().nullish(),
      name: z.string().nullish(),
      retryAfterSeconds: z.number().nullish(),
      causes: z.array(z.looseObject({ reason: z.string().nullish(), message: z.string().nullish(), field: z.string().nullish() })).nullish(),
    })
    .nullish(),
})

export interface KubeCause {
  readonly reason: string
  readonly message: string
  /** Where in the object: `spec.ports[0].nodePort`. */
  readonly field: string
}

interface KubeErrorParts {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly causes: readonly KubeCause[]
  readonly retryAfterMs: number | undefined
  readonly about: { readonly kind: string; readonly name: string }
}

/** The API server answered, and the answer is no. What did not answer at all is a DavitError (`unavailable`, `timeout`). */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  /** HTTP status. */
  readonly status: number
  /** The API's own word: `Conflict`, `AlreadyExists`, `Invalid`, `Expired` … Empty: none. */
  readonly reason: string
  readonly causes: readonly KubeCause[]
  /** How long the server asks to wait, in ms. */
  readonly retryAfterMs: number | undefined
  /** What it is about, where the server says: `{ kind: 'namespaces', name: 'x' }`. */
  readonly about: { readonly kind: string; readonly name: string }

  constructor({ status, reason, message, causes, retryAfterMs, about }: KubeErrorParts) {
    super(message)
    this.status = status
    this.reason = reason
    this.causes = causes
    this.retryAfterMs = retryAfterMs
    this.about = about
  }
}

/** `Retry-After` in ms: seconds, or a date (HTTP). */
const retryAfter = (header: string | undefined, seconds: number | null | undefined): number | undefined => {
  if (header !== undefined && /^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = header === undefined ? Number.NaN : Date.parse(header)
  if (!Number.isNaN(date)) return Math.max(0, date - Date.now())
  return seconds === null || seconds === undefined ? undefined : seconds * 1000
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** From a Status object, as a failed call answers and as a watch sends in an ERROR event. */
export function kubeErrorOf(body: unknown, status: number, retryAfterHeader?: string): KubeError {
  const { data = {} } = Status.safeParse(body)
  const { details } = data
  return new KubeError({
    status: status || (data.code ?? 500),
    reason: data.reason ?? '',
    message: data.message ?? (typeof body === 'string' && body.trim() !== '' ? body.trim().slice(0, 1000) : `the API server answered ${status}`),
    causes: (details?.causes ?? []).map(({ reason, message, field }) => ({ reason: reason ?? '', message: message ?? '', field: field ?? '' })),
    retryAfterMs: retryAfter(retryAfterHeader, details?.retryAfterSeconds),
    about: { kind: details?.kind ?? '', name: details?.name ?? '' },
  })
}

/** From the text of an answer: a Status, or whatever a proxy in between wrote. */
export const kubeErrorOfText = (text: string, status: number, retryAfterHeader?: string): KubeError => kubeErrorOf(json(text) ?? text, status, retryAfterHeader)

export const isKubeError = (error: unknown, status?: number): error is KubeError =>
  error instanceof KubeError && (status === undefined || error.status === status)
