import { setTimeout as sleep } from 'node:timers/promises'
import type { DockerClient } from './client.ts'
import { frames } from './frames.ts'
import { byteCursor, type LogCursor, stampCursor } from './log-cursor.ts'
import type { ContainerInspect } from './inspect.ts'
import { lifeOf } from './observe.ts'

export interface LogReading {
  readonly client: DockerClient
  readonly kind: 'docker' | 'podman'
  /** The container now; undefined: there is none (any more). */
  readonly look: () => Promise<ContainerInspect | undefined>
  readonly follow: boolean
  readonly signal: AbortSignal
}

/** Between two looks at a container that does not run at the moment, and before a broken stream is opened again. */
const PAUSE = 250
/** Streams in a row that broke without one new byte. */
const MAX_BREAKS = 20

/**
 * A container's log from its first byte. A follow may end early (a restart of the container or of the engine, or an engine that cuts
 * the tail), so it counts as complete only when a reading that began after the container's end is through.
 */
export async function* containerLog({ client, kind, look, follow, signal }: LogReading): AsyncGenerator<Uint8Array> {
  const cursor = kind === 'podman' ? byteCursor() : stampCursor()
  let breaks = 0
  while (!signal.aborted) {
    const container = await look()
    if (!container) return
    const life = lifeOf(container.State.Status)
    if (life === 'unstarted' || life === 'restarting') {
      if (!follow && life === 'unstarted') return
      if (follow) await pause(signal)
    }
    if (life !== 'unstarted') {
      try {
        for await (const bytes of read({ client, cursor, id: container.Id, follow: follow && life === 'running', signal })) {
          breaks = 0
          yield bytes
        }
        if (!follow || life === 'ended') return
      } catch (error) {
        if (signal.aborted) return
        if (!follow || ++breaks > MAX_BREAKS) throw error
        await pause(signal)
      }
    }
  }
}

const pause = (signal: AbortSignal): Promise<void> => sleep(PAUSE, undefined, { signal }).catch(() => undefined)

interface Reading {
  readonly client: DockerClient
  readonly cursor: LogCursor
  readonly id: string
  readonly follow: boolean
  readonly signal: AbortSignal
}

async function* read({ client, cursor, id, follow, signal }: Reading): AsyncGenerator<Uint8Array> {
  const stream = await client.stream(`/containers/${id}/logs`, { ...cursor.query(), follow: follow ? '1' : '0' }, signal)
  cursor.begin()
  try {
    for await (const frame of frames(stream)) {
      const bytes = cursor.take(frame)
      if (bytes.length > 0) yield bytes
    }
  } finally {
    stream.destroy()
  }
}
