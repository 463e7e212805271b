import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

export interface SecurityDeps {
  /** Whose pages may call from a browser, besides our own; usually nobody's. */
  readonly corsOrigins: readonly string[]
  /** Everybody reaches us by HTTPS: browsers may insist on it. */
  readonly secure: boolean
}

/** What scripts of other origins may read of an answer. */
const EXPOSED = ['x-api-level', 'x-api-version', 'x-request-id', 'retry-after']

/** Headers by which browsers protect their users, cookies, and the few origins that may call. */
export async function addSecurity(app: FastifyInstance, { corsOrigins, secure }: SecurityDeps): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        // Our own pages, and the API's description, carry their style with them; scripts never.
        'style-src': ["'self'", "'unsafe-inline'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: secure ? { maxAge: 15_552_000 } : false,
  })
  await app.register(cookie)
  if (corsOrigins.length > 0)
    await app.register(cors, {
      origin: [...corsOrigins],
      methods: ['GET', 'POST', 'PUT', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type'],
      exposedHeaders: EXPOSED,
    })
}
