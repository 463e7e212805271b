import type { WorkloadRef } from '#domain/engine.ts'
import { mailbox } from '../mailbox.ts'
import { type EventFollowing, followEvents } from './events.ts'
import type { Pulls } from './pull.ts'

export interface HintDeps extends Omit<EventFollowing, 'changed' | 'connected'> {
  readonly list: () => Promise<readonly WorkloadRef[]>
  readonly images: Pulls
  readonly closed: AbortSignal
}

/** Run ids to look at: those of events and of pulls that ended, and all there are whenever the stream of events stands (again). */
export async function* runHints({ list, images, closed, ...following }: HintDeps, signal: AbortSignal): AsyncGenerator<string> {
  const end = new AbortController()
  const until = AbortSignal.any([signal, closed, end.signal])
  const box = mailbox<string>()
  const quiet = images.ended(box.put)
  const connected = async (): Promise<void> => {
    for (const { runId } of await list()) box.put(runId)
  }
  void followEvents({ ...following, changed: box.put, connected }, until)
  try {
    yield* box.take(until)
  } finally {
    quiet()
    end.abort()
  }
}
