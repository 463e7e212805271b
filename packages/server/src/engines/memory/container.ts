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

/** A pretended container: a process, its log, and a restart policy. */
export class MemoryContainer {
  readonly #spec: ContainerSpec
  readonly #chunks: Uint8Array[] = []
  readonly #more = broadcast<void>()
  readonly #listening = new Set<number>()
  #process: MemoryProcess | undefined
  #pending: NodeJS.Timeout | undefined
  #stopped = false
  #restarts = 0
  #state: ContainerObservation['state'] = 'waiting'
  #startedAt: string | undefined
  #endedAt: string | undefined
  #ending: Ending | undefined
  #lastExit: Ending | undefined

  constructor(spec: ContainerSpec) {
    this.#spec = spec
  }

  get name(): string {
    return this.#spec.hostname
  }

  start(): void {
    if (this.#stopped) return
    if (this.#ending) this.#restarts++
    this.#state = 'running'
    this.#startedAt = new Date().toISOString()
    this.#endedAt = undefined
    const context: ProcessContext = {
      ...this.#spec,
      write: (text) => {
        this.#chunks.push(Buffer.from(text))
        this.#more.send()
      },
      listen: (port) => {
        this.#listening.add(port)
        this.#spec.changed()
      },
    }
    this.#process = runProcess(this.#spec.argv, context, (ending) => this.#end(ending))
    this.#spec.changed()
  }

  #end(ending: Ending): void {
    const { restartAfterMs, changed } = this.#spec
    this.#ending = ending
    this.#endedAt = new Date().toISOString()
    this.#listening.clear()
    const again = restartAfterMs !== undefined && !this.#stopped
    this.#state = again ? 'waiting' : 'ended'
    if (again) {
      this.#lastExit = ending
      this.#pending = setTimeout(() => this.start(), Math.min(60_000, restartAfterMs * 2 ** this.#restarts)).unref()
    }
    this.#more.send()
    changed()
  }

  listensOn(port: number): boolean {
    return this.#listening.has(port)
  }

  /** Ends within the grace, or is killed. Idempotent. */
  stop(graceMs: number): void {
    this.#stopped = true
    clearTimeout(this.#pending)
    if (this.#state === 'waiting' && this.#ending) this.#state = 'ended'
    if (this.#state !== 'running') return
    this.#process?.terminate()
    setTimeout(() => this.#process?.kill(), graceMs).unref()
  }

  /** As if the kernel had killed its process: a restart policy applies. */
  crash(ending?: Ending): void {
    this.#process?.kill(ending)
  }

  /** Gone for good, without a word. */
  discard(): void {
    this.#stopped = true
    clearTimeout(this.#pending)
    this.#process?.kill()
    this.#more.send()
  }

  async *log(follow: boolean, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let next = 0; !signal.aborted; ) {
      const chunk = this.#chunks[next]
      if (chunk) {
        next++
        yield chunk
      } else if (!follow || this.#state === 'ended') return
      else await waitFor(this.#more.listen, signal)
    }
  }

  observe(ports: readonly number[]): ContainerObservation {
    const ended = this.#state === 'ended'
    return {
      name: this.name,
      replica: this.#spec.replica,
      state: this.#state,
      ready: this.#state === 'running' && ports.every((port) => this.#listening.has(port)),
      restarts: this.#restarts,
      exitCode: ended ? this.#ending?.exitCode : undefined,
      oomKilled: ended && this.#ending?.oomKilled === true,
      error: undefined,
      lastExit: this.#lastExit,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
    }
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
