import { isKubeError } from './kube-error.ts'
import { isReset } from './trouble.ts'

/** What was already done for a call. */
export interface Tried {
  readonly renewed: boolean
  readonly reconnected: boolean
  /** Waited on the server's word so far, in ms. */
  readonly waitedMs: number
}

export type NextStep = { readonly do: 'throw' } | { readonly do: 'renew' } | { readonly do: 'again' } | { readonly do: 'wait'; readonly ms: number }

export const UNTRIED: Tried = { renewed: false, reconnected: false, waitedMs: 0 }

/** How long one call waits at most, in all, for a server that asks for patience. */
export const PATIENCE_MS = 5_000

/**
 * What to do about a failed call. The server did not execute what it answered with 429, 503 or 401, so these may be repeated for
 * writes too; a broken connection says nothing, so only reads are.
 * @param random a number from 0 to 1
 */
export function afterFailure(error: unknown, { method, tried, random }: { readonly method: string; readonly tried: Tried; readonly random: number }): NextStep {
  if (isKubeError(error, 401)) return tried.renewed ? { do: 'throw' } : { do: 'renew' }
  if ((isKubeError(error, 429) || isKubeError(error, 503)) && error.retryAfterMs !== undefined) {
    const ms = Math.max(50, error.retryAfterMs) * (1 + random / 4)
    return tried.waitedMs + ms > PATIENCE_MS ? { do: 'throw' } : { do: 'wait', ms }
  }
  return method === 'GET' && !tried.reconnected && isReset(error) ? { do: 'again' } : { do: 'throw' }
}

export const afterStep = (tried: Tried, step: NextStep): Tried => ({
  renewed: tried.renewed || step.do === 'renew',
  reconnected: tried.reconnected || step.do === 'again',
  waitedMs: tried.waitedMs + (step.do === 'wait' ? step.ms : 0),
})
