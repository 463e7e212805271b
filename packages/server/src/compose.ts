import { randomUUID } from 'node:crypto'
import { newEntityId } from 'davit/contract'
import type { Logger } from 'pino'
import { type AuthSettings, createAuth } from '#auth/auth.ts'
import type { Config } from '#config/settings.ts'
import type { Engine } from '#domain/engine.ts'
import { NO_POLICY, type RunPolicy } from '#domain/policy.ts'
import { createApp } from '#http/app.ts'
import { createLoop, type Loop, type LoopOptions } from '#reconcile/loop.ts'
import { runReconciler } from '#reconcile/run.ts'
import { createSightings, type Sightings } from '#reconcile/sightings.ts'
import { every, sweepOrphans, sweepRuns } from '#reconcile/sweep.ts'
import { createChanges } from '#service/changes.ts'
import { type KeySource, keyRing as openKeyRing } from '#service/key-ring.ts'
import { sealerWith, secretBox } from '#service/secret-box.ts'
import { secretValues } from '#service/secrets.ts'
import { services } from '#service/services.ts'
import type { Database } from '#store/database.ts'
import { leaseRepo } from '#store/leases.ts'
import { type EntityEvent, listen } from '#store/listen.ts'
import { store as openStore } from '#store/store.ts'
import { createMetrics, type Metrics } from './telemetry.ts'

export interface Parts {
  readonly config: Pick<Config, 'body_limit' | 'max_log_bytes' | 'concurrency'>
  readonly version: string
  readonly database: Database
  /** This server is alone on its database: what its predecessor held is nobody's. */
  readonly embedded: boolean
  readonly engine: Engine
  readonly engineEndpoint: string | undefined
  readonly keys: KeySource
  /** Absent: nobody has to log in, and whoever reaches this server is its administrator. */
  readonly auth?: AuthSettings | undefined
  /** Whose pages may call from a browser. Default: nobody's but our own. */
  readonly corsOrigins?: readonly string[]
  /** Proxies whose word about who asks counts. Default: none. */
  readonly trustedProxies?: readonly string[]
  /** What the operator decides about everybody's runs. Default: nothing. */
  readonly policy?: RunPolicy
  readonly logger: Logger
  readonly now?: () => Date
  /** Who may act on a run is decided anew after this long without a sign of life, in ms. */
  readonly leaseTtlMs?: number
  /** A request that has not arrived whole after this long is cut, in ms. */
  readonly requestTimeoutMs?: number
}

const SWEEP_MS = { runs: 1000, orphans: 30_000, counts: 30_000, logins: 600_000 } as const

const NO_AUTH: AuthSettings = {
  ways: { basic: false, bearer: false },
  provider: undefined,
  publicUrl: undefined,
  ratePerMinute: { caller: 6000, address: 6000 },
}

/** Runs the loops that keep runs going, until `close`. */
function startLoops(
  {
    database,
    embedded,
    engine,
    logger,
    store,
    leases,
    loop,
    onRunChanged,
    onEvent,
    onAccessChanged,
    metrics,
    sightings,
  }: Parts & {
    readonly store: ReturnType<typeof openStore>
    readonly leases: ReturnType<typeof leaseRepo>
    readonly loop: Loop
    readonly onRunChanged: (id: string | undefined) => void
    readonly onEvent: (event: EntityEvent) => void
    readonly onAccessChanged: () => void
    readonly metrics: Metrics
    readonly sightings: Sightings
  },
  signal: AbortSignal,
): Promise<unknown> {
  const onError = (what: string, err: unknown): void => logger.warn({ err }, `${what} failed, will try again`)
  const onOrphan = (ref: { name: string }): void => {
    metrics.orphans.inc()
    logger.info({ object: ref.name }, 'removing what no run wants any more')
  }
  const hints = async (): Promise<void> => {
    for await (const id of engine.hints(signal)) if (sightings.isNews(id)) loop.wake(id)
  }
  return Promise.allSettled([
    every(SWEEP_MS.logins, { what: 'sweep of logins', work: store.sessions.sweep, onError, signal }),
    listen(
      database.connection,
      {
        onChange: onRunChanged,
        onEvent,
        onAccess: onAccessChanged,
        onError: (err) => logger.warn({ err }, 'listening to PostgreSQL failed, will try again'),
      },
      signal,
    ),
    hints().catch((error: unknown) => onError('hints of the engine', error)),
    (embedded ? leases.dropAll() : Promise.resolve()).then(() =>
      every(SWEEP_MS.runs, { what: 'sweep of runs', work: () => sweepRuns({ leases, loop }), onError, signal }),
    ),
    every(SWEEP_MS.counts, { what: 'joining of the totals of runs', work: async () => void (await store.runs.joinCounts()), onError, signal }),
    every(SWEEP_MS.orphans, { what: 'sweep of the engine', work: () => sweepOrphans({ store, engine, onError, onOrphan }), onError, signal }),
  ])
}

interface MeasuredLoop extends Pick<Parts, 'config' | 'logger'> {
  readonly metrics: Metrics
  readonly reconcile: LoopOptions['reconcile']
  readonly stop: AbortSignal
}

/** The work queue, with its passes timed, its failures counted and told. */
function measuredLoop({ config, logger, metrics, reconcile, stop }: MeasuredLoop): Loop {
  const loop = createLoop({
    concurrency: config.concurrency,
    reconcile: (id, failures) => reconcile(id, failures).finally(metrics.passes.startTimer()),
    onError: (run, err, failures) => {
      metrics.failures.inc({ of: err instanceof Error ? err.name : 'other' })
      const why = err instanceof Error ? err.message : String(err)
      if (!stop.aborted) logger[failures === 1 ? 'info' : 'warn']({ run, failures, why }, 'a pass over a run failed, will try again')
      logger.debug({ run, err }, 'the failed pass')
    },
  })
  metrics.queue(loop.size)
  return loop
}

/** The only place that knows every module. The database must be migrated. Nothing runs before `start`. */
export async function compose(parts: Parts) {
  const { config, version, database, embedded, engine, engineEndpoint, logger, leaseTtlMs = 10_000, now = () => new Date() } = parts
  const store = openStore(database.db)
  const leases = leaseRepo(database.db, { owner: randomUUID(), ttlMs: leaseTtlMs })
  const metrics = createMetrics()
  const changes = createChanges()
  const keyRing = await openKeyRing(parts.keys)
  const box = secretBox(keyRing)
  const auth = createAuth({ settings: parts.auth ?? NO_AUTH, store, sealer: sealerWith({ keyRing, secretBox: box }), now })
  const stopping = new AbortController()
  const sightings = createSightings({ engine })
  const reconcile = runReconciler({
    store,
    leases,
    engine,
    sightings,
    now,
    leaseTtlMs,
    stop: stopping.signal,
    maxLogBytes: config.max_log_bytes,
    secretsOf: secretValues({ store, secretBox: box, keyRing }),
  })
  const loop = measuredLoop({ config, logger, metrics, reconcile, stop: stopping.signal })
  const policy = parts.policy ?? NO_POLICY
  const verbs = services(
    { store, engine, policy, newId: newEntityId, wake: loop.wake, changes, secretBox: box, keyRing, ...auth.forServices },
    { version, engine, engineEndpoint, runs: store.runs, database: { embedded, version: database.version } },
  )
  const app = await createApp({
    services: verbs,
    logger,
    version,
    auth,
    open: parts.auth === undefined,
    corsOrigins: parts.corsOrigins ?? [],
    trustedProxies: parts.trustedProxies ?? [],
    profiles: Object.keys(policy.profiles),
    bodyLimit: config.body_limit,
    duration: metrics.requests,
    metrics: metrics.registry,
    ready: database.version,
    ...(parts.requestTimeoutMs !== undefined && { requestTimeoutMs: parts.requestTimeoutMs }),
  })
  let loops: Promise<unknown> = Promise.resolve()
  return {
    app,
    store,
    auth,
    start(): void {
      const told = { onRunChanged: changes.notify, onAccessChanged: auth.identify.forget, onEvent: verbs.notifications.tell }
      loops = startLoops({ ...parts, store, leases, loop, metrics, sightings, ...told }, stopping.signal)
    },
    /** Answers what is being asked, then lets go of every run where it is; another server, or the next start, goes on from there. Engine and database stay open: they are the caller's. */
    async close(): Promise<void> {
      stopping.abort(new Error('the server is ending'))
      changes.notify(undefined)
      await Promise.allSettled([app.close(), loop.close(), loops])
    },
  }
}
