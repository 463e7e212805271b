import { createHash } from 'node:crypto'
import { DavitError } from 'davit/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Auth } from '#auth/auth.ts'

export const COOKIE = { session: 'davit_session', csrf: 'davit_csrf', form: 'davit_form', provider: 'davit_provider' } as const

/** Under which URL the asking client knows this server, without a slash at the end. Throws `invalid` when it names none. */
export const baseOf = ({ settings }: Pick<Auth, 'settings'>, request: FastifyRequest): string => {
  if (settings.publicUrl !== undefined) return settings.publicUrl
  const base = `${request.protocol}://${request.host}`
  if (!URL.canParse(base)) throw new DavitError('invalid', `the header Host names no host: ${request.host}`)
  return base
}

/** What a form or a script must show besides a cookie, and can only know who was given it: other sites' pages send the cookie, and know nothing. */
export const csrfOf = (secret: string): string => createHash('sha256').update(`csrf ${secret}`).digest('base64url')

export interface CookieOptions {
  readonly name: (typeof COOKIE)[keyof typeof COOKIE]
  readonly value: string
  readonly path: string
  readonly secure: boolean
  /** Scripts of our own pages may read it. Default false. */
  readonly readable?: boolean
}

export const setCookie = (reply: FastifyReply, { name, value, path, secure, readable = false }: CookieOptions): void =>
  void reply.setCookie(name, value, { httpOnly: !readable, sameSite: 'lax', path, secure })

/** Bodies of OAuth and of forms; never of the API, where pages of other sites could send them without being asked. */
export function parseForms(app: FastifyInstance): void {
  app.addContentTypeParser(/^application\/x-www-form-urlencoded/, { parseAs: 'string', bodyLimit: 65_536 }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
}

/** The texts of a form, whatever was sent. */
export const fieldsOf = (values: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(typeof values === 'object' && values !== null ? values : {}).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
