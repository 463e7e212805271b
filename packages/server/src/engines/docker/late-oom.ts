import type { DockerClient } from './client.ts'
import { eventsOf } from './events.ts'
import { type ContainerInspect, timeOf } from './inspect.ts'

/** What the kernel says when it kills. */
const KILLED = 137
/** How long after a container's end the engine may still tell that its memory was too little, in ms. */
const LATE = 1_000
/** The engine waits by its own clock, which somebody may have set back meanwhile: no longer than this, in ms. */
const PATIENCE = 5_000

/**
 * Docker learns of an end and of memory that was too little from two hands: where the end comes first it says for good that memory was not the
 * cause. Its events tell all the same. Where the end was a moment ago they are waited for.
 */
export async function withLateOom(inspect: ContainerInspect, client: DockerClient): Promise<ContainerInspect> {
  const { State, HostConfig, Id, RestartCount } = inspect
  const ended = timeOf(State.FinishedAt)
  if (State.ExitCode !== KILLED || State.OOMKilled || HostConfig.Memory === 0 || ended === undefined) return inspect
  // Of this life. A first one may be stamped later than it began.
  const since = RestartCount === 0 ? '1' : (Date.parse(State.StartedAt) / 1000).toFixed(3)
  const range = { since, until: ((Date.parse(ended) + LATE) / 1000).toFixed(3) }
  const patience = AbortSignal.timeout(PATIENCE)
  try {
    for await (const { Action } of eventsOf(client, { container: [Id], event: ['oom', 'kill'] }, { range, signal: patience })) {
      if (Action === 'oom') return { ...inspect, State: { ...State, OOMKilled: true } }
      if (Action === 'kill') return inspect // somebody asked for it
    }
  } catch (error) {
    if (!patience.aborted) throw error
  }
  return inspect
}
