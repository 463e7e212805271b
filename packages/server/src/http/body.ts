import type { FastifyInstance } from 'fastify'
import { parse } from 'yaml'

/** Bodies are JSON or YAML; an empty one counts as none, whatever type it claims: dhcli and old SDKs send `stop` without. */
export function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/(.+\+)?json/, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(String(body)))
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  })
  app.addContentTypeParser(/^(application|text)\/(x-)?yaml/, { parseAs: 'string' }, (_request, body, done) => {
    try {
      // maxAliasCount bounds what a few lines of nested aliases can grow to.
      done(null, parse(String(body), { maxAliasCount: 50 }))
    } catch (error) {
      done(new SyntaxError(error instanceof Error ? error.message : String(error)))
    }
  })
}
