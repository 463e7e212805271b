import { Buffer } from 'node:buffer'
import type { ContainerObservation } from '#domain/observation.ts'
import { broadcast } from '../mailbox.ts'
import { type Ending, type MemoryProcess, type ProcessContext, runProcess } from './process.ts'

export interface ContainerSpec extends Pick<ProcessContext, 'hostname' | 'env' | 'files'> {
  readonly replica: number
  readonly argv: readonly string[]
  /** Pause before the first restart in ms, doubling up to a minute; undefined: never started again. */
  readonly restartAfterMs: number | undefined
  readonly changed: () => void
}

export type MemoryContainer = ReturnType<typeof memoryContainer>

/** A pretended container: a process, its log, and a restart policy. */
export function memoryContainer(spec: ContainerSpec) {
  const chunks: Uint8Array[] = []
  const more = broadcast<void>()
  const listening = new Set<number>()
  let process: MemoryProcess | undefined
  let pending: NodeJS.Timeout | undefined
  let [stopped, restarts] = [false, 0]
  let state: ContainerObservation['state'] = 'waiting'
  let [startedAt, endedAt]: (string | undefined)[] = []
  let [ending, lastExit]: (Ending | undefined)[] = []

  const onEnd = (exit: Ending): void => {
    ending = exit
    endedAt = new Date().toISOString()
    listening.clear()
    const again = spec.restartAfterMs !== undefined && !stopped
    state = again ? 'waiting' : 'ended'
    if (again) {
      lastExit = exit
      pending = setTimeout(start, Math.min(60_000, (spec.restartAfterMs ?? 0) * 2 ** restarts)).unref()
      restarts++
    }
    more.send()
    spec.changed()
  }
  const start = (): void => {
    if (stopped) return
    state = 'running'
    startedAt = new Date().toISOString()
    endedAt = undefined
    const context: ProcessContext = {
      ...spec,
      write: (text) => {
        chunks.push(Buffer.from(text))
        more.send()
      },
      listen: (port) => {
        listening.add(port)
        spec.changed()
      },
    }
    process = runProcess(spec.argv, context, onEnd)
    spec.changed()
  }
  return {
    name: spec.hostname,
    start,
    listensOn: (port: number): boolean => listening.has(port),
    /** Ends within the grace, or is killed. Idempotent. */
    stop(graceMs: number): void {
      stopped = true
      clearTimeout(pending)
      if (state === 'waiting' && startedAt !== undefined) state = 'ended'
      if (state !== 'running') return
      process?.terminate()
      setTimeout(() => process?.kill(), graceMs).unref()
    },
    /** As if the kernel had killed its process: a restart policy applies. */
    crash: (exit?: Ending): void => process?.kill(exit),
    /** Gone for good, without a word. */
    discard(): void {
      stopped = true
      clearTimeout(pending)
      process?.kill()
      more.send()
    },
    async *log(follow: boolean, signal: AbortSignal): AsyncGenerator<Uint8Array> {
      for (let next = 0; !signal.aborted; ) {
        const chunk = chunks[next]
        if (chunk) {
          next++
          yield chunk
        } else if (!follow || state === 'ended') return
        else await waitFor(more.listen, signal)
      }
    },
    observe: (ports: readonly number[]): ContainerObservation => ({
      name: spec.hostname,
      replica: spec.replica,
      state,
      ready: state === 'running' && ports.every((port) => listening.has(port)),
      restarts: state === 'waiting' && restarts > 0 ? restarts - 1 : restarts,
      exitCode: state === 'ended' ? ending?.exitCode : undefined,
      oomKilled: state === 'ended' && ending?.oomKilled === true,
      error: undefined,
      lastExit,
      startedAt,
      endedAt: state === 'running' ? undefined : endedAt,
    }),
  }
}

const waitFor = (listen: (listener: () => void) => () => void, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      quiet()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const quiet = listen(done)
    signal.addEventListener('abort', done)
  })
