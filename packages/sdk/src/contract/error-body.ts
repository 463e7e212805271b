import * as z from 'zod'
import { DavitError, ERROR_CODES, isErrorCode } from './error.ts'

/**
 * An error on the wire: the reference's three fields, and ours behind them. `type` carries, on a 404, the literal text by which
 * the official SDK tells "missing" from "broken" (it searches the raw body).
 */
export const ErrorBody = z
  .looseObject({
    status: z.int(),
    message: z.string(),
    errorCode: z.string().nullable(),
    path: z.string().optional(),
    hint: z.string().optional(),
    type: z.string().optional(),
    request_id: z.string().optional(),
  })
  .meta({ id: 'Error' })
export type ErrorBody = z.infer<typeof ErrorBody>

export const toErrorBody = (error: DavitError, requestId: string): ErrorBody => ({
  status: ERROR_CODES[error.code].status,
  message: error.message,
  errorCode: error.code,
  ...(error.path !== undefined && { path: error.path }),
  ...(error.hint !== undefined && { hint: error.hint }),
  ...(error.code === 'not_found' && { type: 'No such EntityName' }),
  request_id: requestId,
})

const codeOfStatus = (status: number): keyof typeof ERROR_CODES => {
  for (const code of Object.keys(ERROR_CODES)) if (isErrorCode(code) && ERROR_CODES[code].status === status) return code
  return status >= 500 ? 'internal' : 'bad_answer'
}

/** The reference tells its 400s apart by their text alone. */
const codeOfMessage = (status: number, message = ''): keyof typeof ERROR_CODES | undefined => {
  if (status !== 400) return undefined
  if (message.startsWith('Duplicated entity')) return 'duplicate'
  return message.startsWith('Invalid transition') ? 'illegal_transition' : undefined
}

/** The reverse, also for servers that fill only `status` and `message`. */
export const fromErrorBody = (status: number, payload: unknown): DavitError => {
  const body = ErrorBody.partial().safeParse(payload).data ?? {}
  const code = isErrorCode(body.errorCode) ? body.errorCode : (codeOfMessage(status, body.message) ?? codeOfStatus(status))
  return new DavitError(code, body.message ?? `the server answered ${status}`, {
    ...(body.path !== undefined && { path: body.path }),
    ...(body.hint !== undefined && { hint: body.hint }),
    ...(body.request_id !== undefined && { requestId: body.request_id }),
  })
}
