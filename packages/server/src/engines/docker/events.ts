import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { DockerClient } from './client.ts'
import { LABEL } from './labels.ts'
import { lines } from './lines.ts'

const Event = z.looseObject({
  Action: z.string().default(''),
  Actor: z.looseObject({ ID: z.string().default(''), Attributes: z.record(z.string(), z.string()).nullish() }).nullish(),
})
type Event = z.infer<typeof Event>

/** Docker says `die` and `destroy`; Podman filters by `died` and `remove`. Each passes over the other's words. */
const ACTIONS = ['create', 'start', 'restart', 'die', 'died', 'oom', 'kill', 'stop', 'pause', 'unpause', 'destroy', 'remove', 'rename']
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 10_000

export interface EventFollowing {
  readonly client: DockerClient
  readonly installation: string
  /** A run may have changed. */
  readonly changed: (runId: string) => void
  /** The stream stands (again): what happened before it is unknown. */
  readonly connected: () => Promise<void>
  readonly log: (event: string, fields: object) => void
}

/** Follows the engine's events for ever: an engine that goes away is tried again, ever less often, until the signal. */
export async function followEvents({ client, installation, changed, connected, log }: EventFollowing, signal: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE
  const query = { filters: JSON.stringify({ type: ['container'], event: ACTIONS, label: [`${LABEL.installation}=${installation}`] }) }
  while (!signal.aborted) {
    const attempt = new AbortController()
    try {
      const stream = await client.stream('/events', query, AbortSignal.any([signal, attempt.signal]))
      const all = connected()
      all.catch(() => attempt.abort())
      pause = FIRST_PAUSE
      for await (const line of lines(stream)) {
        const runId = Event.parse(JSON.parse(line)).Actor?.Attributes?.[LABEL.run]
        if (runId !== undefined) changed(runId)
      }
    } catch (error) {
      if (!signal.aborted) log('events-lost', { reason: error instanceof Error ? error.message : String(error), againInMs: pause })
    } finally {
      attempt.abort()
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined)
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
}

/** How a container ended, each time that the engine still remembers, oldest first. */
export interface PastExit {
  readonly exitCode: number
  readonly oomKilled: boolean
}

/** Exits from a container's events. An `oom` belongs to the life that it comes in, or to the end that it comes right after: Docker may tell of it late. */
export function exitsOf(events: readonly Event[]): readonly PastExit[] {
  const exits: PastExit[] = []
  let oomKilled = false
  let ended: PastExit | undefined
  for (const { Action, Actor } of events) {
    if (Action === 'start') ended = undefined
    if (Action === 'oom' && ended) exits.splice(-1, 1, { ...ended, oomKilled: true })
    else if (Action === 'oom') oomKilled = true
    if (Action !== 'die' && Action !== 'died') continue
    const { exitCode, containerExitCode } = Actor?.Attributes ?? {}
    ended = { exitCode: Number(exitCode ?? containerExitCode ?? 0), oomKilled }
    exits.push(ended)
    oomKilled = false
  }
  return exits
}

/** Past events of these filters; with an `until` that is still to come they are waited for until then. */
export async function* eventsOf(
  client: DockerClient,
  filters: Readonly<Record<string, readonly string[]>>,
  { range, signal = AbortSignal.timeout(15_000) }: { readonly range: Readonly<Record<string, string>>; readonly signal?: AbortSignal },
): AsyncGenerator<Event> {
  const stream = await client.stream('/events', { filters: JSON.stringify(filters), ...range }, signal)
  try {
    for await (const line of lines(stream)) yield Event.parse(JSON.parse(line))
  } finally {
    stream.destroy()
  }
}

/**
 * Past exits of one container. Docker keeps the last 256 events of all containers in memory and wants seconds; Podman keeps a file,
 * wants dates, and goes on waiting unless told that this is no stream.
 */
export async function pastExits(
  client: DockerClient,
  id: string,
  { podman, now }: { readonly podman: boolean; readonly now: number },
): Promise<readonly PastExit[]> {
  const range = podman ? { since: '2020-01-01T00:00:00Z', stream: 'false' } : { since: '1', until: (now / 1000).toFixed(3) }
  const events: Event[] = []
  for await (const event of eventsOf(client, { container: [id] }, { range })) events.push(event)
  return exitsOf(events)
}
