import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { clientConfig, type Connection } from './database.ts'

/** What happened to an entity, as the database tells it. */
export interface EntityEvent {
  readonly entity: 'project' | 'function' | 'task' | 'run' | 'secret'
  readonly id: string
  readonly project: string
  readonly user: string
  readonly name: string
  readonly kind: string
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE'
}

export interface Listener {
  /** Called with each run id that changed anywhere; with undefined after a gap, when any may have. */
  readonly onChange: (runId: string | undefined) => void
  /** Told of every change of every entity; of none that happened in a gap. */
  readonly onEvent?: (event: EntityEvent) => void
  /** Called when who may do what may have changed anywhere, and after a gap. */
  readonly onAccess?: () => void
  readonly onError: (error: unknown) => void
}

const EVENTS = 'davit_event'

/** One connection, until it fails or the signal fires. */
async function listenOnce(connection: Connection, { onChange, onEvent, onAccess = () => undefined }: Listener, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({ ...clientConfig(connection), keepAlive: true, connectionTimeoutMillis: 10_000 })
  const broken = new Promise<never>((_, reject) => {
    client.on('error', reject)
    client.on('end', () => reject(new Error('the connection to PostgreSQL ended')))
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  broken.catch(() => undefined) // also awaited below; without this line a failure before that would end the process
  try {
    await Promise.race([client.connect(), broken])
    client.on('notification', ({ channel, payload = '' }) => {
      // Our own trigger wrote it.
      if (channel === EVENTS) onEvent?.(JSON.parse(payload) as EntityEvent)
      else if (channel === 'davit_access') onAccess()
      else onChange(payload)
    })
    await client.query(`listen davit_run; listen davit_access; listen ${EVENTS}`)
    onChange(undefined)
    onAccess()
    await broken
  } finally {
    client.end().catch(() => undefined)
  }
}

/** Passes on PostgreSQL's notifications until the signal fires; comes back by itself after every failure. */
export async function listen(connection: Connection, listener: Listener, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenOnce(connection, listener, signal)
    } catch (error) {
      if (signal.aborted) return
      listener.onError(error)
      await sleep(250 + Math.random() * 500, undefined, { signal }).catch(() => undefined)
    }
  }
}
