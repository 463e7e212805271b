import { DavitError, type ErrorDetails } from 'davit/contract'

/** Wrong usage: exit code 2. */
export const invalid = (message: string, details: ErrorDetails = {}): DavitError => new DavitError('invalid', message, details)
