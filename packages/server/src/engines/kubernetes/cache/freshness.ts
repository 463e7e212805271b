import { DavitError } from 'davit/contract'
import { WATCHED } from '../objects.ts'
import type { WatchHealth } from './kind-watch.ts'

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Why a kind's objects are no evidence; undefined: they are. Events explain, only objects are evidence. */
export function staleness({ kind, listed, downSince, lastError }: WatchHealth, now: number, staleMs: number): DavitError | undefined {
  if (kind === 'events') return undefined
  const { resource } = WATCHED[kind]
  const why = lastError === undefined ? '' : `: ${wordsOf(lastError)}`
  if (!listed) return new DavitError('unavailable', `The ${resource} of the cluster were not read yet${why}`, { cause: lastError })
  if (downSince === undefined || now - downSince <= staleMs) return undefined
  // The same at every look.
  const since = new Date(downSince).toISOString().replace(/\.\d+Z$/, 'Z')
  return new DavitError('unavailable', `The ${resource} of the cluster have not been seen since ${since}${why}`, { cause: lastError })
}
