import type { WebSocket } from 'ws'
import { formatFrame } from './stomp.ts'

/** WebSocket close codes: all said; the client broke the protocol; may not; is too slow, or we are. */
export const CLOSE = { normal: 1000, protocol: 1002, policy: 1008, tooSlow: 1013 } as const

/** A client that does not read is let go before it fills our memory. Bytes. */
const MAX_UNREAD = 4_194_304

/** Sends in the form in which the client speaks: dhcli sends binary frames and reads nothing else. */
export const stompWriter = (socket: WebSocket) => {
  let binary = false
  let ended = false
  const end = (code: number): void => {
    ended = true
    socket.close(code)
  }
  const write = (text: string): void => {
    if (ended || socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > MAX_UNREAD) return end(CLOSE.tooSlow)
    socket.send(text, { binary })
  }
  return {
    heard: (isBinary: boolean): void => void (binary = isBinary),
    write,
    end,
    /** Says why, and hangs up. */
    fail: (message: string, code: number): void => {
      write(formatFrame('ERROR', { message, 'content-type': 'text/plain' }, message))
      end(code)
    },
    ended: (): boolean => ended,
  }
}
export type StompWriter = ReturnType<typeof stompWriter>
