/** How long what we issue is good, in seconds; the first two are the reference's. */
export const LIFETIME_S = {
  access: 8 * 3600,
  refresh: 30 * 86_400,
  /** Of a login through an identity provider: after that it is asked again what somebody may. */
  provider: 24 * 3600,
  browser: 12 * 3600,
  code: 60,
  /** From the click on "sign in" until the identity provider sends the browser back. */
  login: 600,
} as const

export const inSeconds = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000)
