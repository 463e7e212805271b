import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { DavitError } from 'davit/contract'
import { waitingLine } from './waiting-line.ts'

/** 2^15 × 8 blocks: 32 MiB and some 50 ms a try. */
const COST = { N: 2 ** 15, r: 8, p: 1 } as const
const KEY_BYTES = 32
const MIN_LENGTH = 10
const MAX_LENGTH = 1024

/** So many are derived at once, the others wait: memory is bounded, and threads are left for all else. More than that may not wait. */
const AT_ONCE = 2
const WAITING = 64
const lane = waitingLine({
  atOnce: AT_ONCE,
  waiting: WAITING,
  full: () => new DavitError('rate_limited', 'too many log in at once', { hint: 'try again in 1 s', retryAfterS: 1 }),
})

const derive = (password: string, salt: Buffer, { N, r, p }: { N: number; r: number; p: number }): Promise<Buffer> =>
  lane(
    () =>
      new Promise((resolve, reject) => {
        scrypt(password.normalize('NFC'), salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error ? reject(error) : resolve(key)))
      }),
  )

/** Throws `invalid` for a password that is too short, or too long to be hashed by everybody who asks. */
export const assertPassword = (password: string): void => {
  if (password.length < MIN_LENGTH || password.length > MAX_LENGTH)
    throw new DavitError('invalid', `a password has ${MIN_LENGTH} to ${MAX_LENGTH} characters`, { path: 'password' })
}

/** `scrypt$N$r$p$salt$key`: what the database holds. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Somebody who does not exist, or has no password, costs as much time as anybody else. */
const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$AAAAAAAAAAAAAAAAAAAAAA$`

export async function verifyPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = (stored ?? NOBODY).split('$')
  if (password.length > MAX_LENGTH) return false
  const wanted = Buffer.from(key, 'base64url')
  const got = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) })
  return wanted.length === got.length && timingSafeEqual(wanted, got)
}
