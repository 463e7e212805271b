import { setTimeout as sleep } from 'node:timers/promises'
import { removedUnread } from '#domain/log-lost.ts'
import type { DockerClient } from './client.ts'
import { frames } from './frames.ts'
import type { ContainerInspect } from './inspect.ts'
import { lastLineEnded } from './local-log.ts'
import { byteCursor, type LogCursor, stampCursor } from './log-cursor.ts'
import { lifeOf } from './observe.ts'

export interface LogReading {
  readonly client: DockerClient
  readonly kind: 'docker' | 'podman'
  /** Where the engine keeps its files. */
  readonly rootDir: string
  readonly name: string
  /** The container now; undefined: there is none (any more). */
  readonly look: () => Promise<ContainerInspect | undefined>
  readonly follow: boolean
  readonly signal: AbortSignal
}

/** Between two looks at a container that does not run at the moment, and before a broken stream is opened again, in ms. */
const PAUSE = 250
/** How long an engine may be away before a follower is told, in ms. */
const PATIENCE = 60_000

const pause = (signal: AbortSignal): Promise<void> => sleep(PAUSE, undefined, { signal }).catch(() => undefined)

/**
 * A container's log from its first byte. A follow may end early (a restart of the container or of the engine, or an engine that cuts
 * the tail), so it counts as complete only when a reading that began after the container's end is through.
 */
export async function* containerLog(reading: LogReading): AsyncGenerator<Uint8Array> {
  const { kind, follow, signal } = reading
  const cursor = kind === 'podman' ? byteCursor() : stampCursor()
  let lastNews = Date.now()
  while (!signal.aborted) {
    try {
      const container = await reading.look()
      if (!container) {
        if (follow) return
        throw removedUnread(reading.name)
      }
      const life = lifeOf(container.State.Status)
      if (life !== 'unstarted')
        for await (const bytes of read(reading, cursor, { id: container.Id, follow: follow && life === 'running' })) {
          lastNews = Date.now()
          yield bytes
        }
      if (life === 'ended') yield* lostEnd(reading, cursor, container.Id)
      if (!follow || life === 'ended') return
      lastNews = Date.now()
      if (life !== 'running') await pause(signal)
    } catch (error) {
      if (signal.aborted) return
      if (!follow || Date.now() - lastNews > PATIENCE) throw error
      await pause(signal)
    }
  }
}

/** The end of the very last line, where the engine swallowed it. */
async function* lostEnd({ rootDir }: LogReading, cursor: LogCursor, id: string): AsyncGenerator<Uint8Array> {
  for (const stream of cursor.unsure()) if (await lastLineEnded(rootDir, id, stream)) yield Buffer.from('\n')
}

async function* read(
  { client, signal }: LogReading,
  cursor: LogCursor,
  { id, follow }: { readonly id: string; readonly follow: boolean },
): AsyncGenerator<Uint8Array> {
  const stream = await client.stream(`/containers/${id}/logs`, { ...cursor.query(), follow: follow ? '1' : '0' }, signal)
  cursor.begin()
  try {
    for await (const some of frames(stream)) {
      const bytes = cursor.take(some)
      if (bytes.length > 0) yield bytes
    }
  } finally {
    stream.destroy()
  }
}
