import websocket from '@fastify/websocket'
import { DavitError } from 'davit/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Notifications } from '#service/notifications.ts'
import type { Authenticate } from './bind.ts'
import { refuseConnection } from './errors.ts'
import { stompSession } from './stomp-session.ts'

/** A frame of a client is a few headers. Bytes. */
const MAX_FRAME = 65_536

/** The upgrade cannot carry a token from a browser: the CONNECT frame does, in the same words. */
const withAuthorization = (request: FastifyRequest, authorization: string | undefined): FastifyRequest => {
  const given = authorization?.replace(/^Bearer\s*$/i, '')
  if (!given) return request
  // A view of the request, so that authentication reads the one header that it must, and all else as it is.
  return Object.create(request, { headers: { value: { ...request.headers, authorization: given } } }) as FastifyRequest
}

/** Must come before whatever refuses requests: only what this has seen is hung up with its refusal, and does not hold up the server's end. */
export async function addWebSockets(app: FastifyInstance): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: MAX_FRAME, handleProtocols: (offered) => [...offered].find((one) => /^v1[0-2]\.stomp$/.test(one)) ?? false },
  })
  app.websocketServer.on('wsClientError', (cause, socket) =>
    refuseConnection(new DavitError('invalid', `this is no request for a WebSocket: ${cause.message}`, { cause }), socket),
  )
}

/** `/ws`: STOMP over WebSocket, by which dhcli and the console follow what happens. Nothing is told before CONNECT proves who asks. */
export function notificationRoutes(
  app: FastifyInstance,
  {
    notifications,
    authenticate,
    assertOrigin,
  }: { readonly notifications: Notifications; readonly authenticate: Authenticate; readonly assertOrigin: (request: FastifyRequest) => void },
): void {
  app.register(async (scope) => {
    scope.get(
      '/ws',
      {
        websocket: true,
        preValidation: async (request) => {
          if (!request.ws) throw new DavitError('invalid', 'this address speaks STOMP over WebSocket', { hint: 'ask for an upgrade to websocket' })
          // An upgrade is a GET, but what it opens can be read by any page that asks for it.
          assertOrigin(request)
        },
      },
      (socket, request) => stompSession({ socket, notifications, authenticate: (authorization) => authenticate(withAuthorization(request, authorization)) }),
    )
  })
}
