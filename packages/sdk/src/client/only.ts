import { DavitError, type ErrorCode } from '#contract/error.ts'

/** Turns a failure of one code into undefined; throws the others again. */
export const only =
  (code: ErrorCode) =>
  (error: unknown): undefined => {
    if (error instanceof DavitError && error.code === code) return undefined
    throw error
  }
