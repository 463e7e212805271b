import { createHash, randomBytes } from 'node:crypto'

/** What a secret of ours is for, readable from its first letters: scanners find it, people tell them apart. */
export const PREFIX = { token: 'dvt_', refresh: 'dvr_', code: 'dvc_', browser: 'dvb_', login: 'dvl_' } as const

/** 256 random bits behind a prefix. */
export const newSecret = (kind: keyof typeof PREFIX): string => PREFIX[kind] + randomBytes(32).toString('base64url')

/** What the database holds of a secret. Without salt: 256 random bits cannot be guessed, and it must be found by this. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** What of a token may be shown again. */
export const hintOf = (token: string): string => `${token.slice(0, PREFIX.token.length + 4)}…`
