import { randomUUID } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { DavitError } from 'davit/contract'
import type { Logger } from 'pino'
import { type AdminToken, firstAdmin, newAdminToken } from '#auth/first-admin.ts'
import { accountsOf, clustersOf } from '#config/clusters.ts'
import type { Config } from '#config/settings.ts'
import type { RunPolicy } from '#domain/policy.ts'
import type { Engine } from '#domain/engine.ts'
import { startPostgres } from '#postgres/start-postgres.ts'
import { type Connection, type Database, openDatabase } from '#store/database.ts'
import { runRepo } from '#store/runs.ts'
import { settingRepo } from '#store/settings.ts'
import type { Store } from '#store/store.ts'
import { lockDataFolder } from '#supervise/data-lock.ts'
import { defaultFolders } from '#supervise/folders.ts'
import { chooseAuth, originsOf, proxiesOf } from './auth-choice.ts'
import { compose } from './compose.ts'
import { type ChosenEngine, chooseEngine } from './engine-choice.ts'
import { keySource } from './secrets-key.ts'
import { VERSION } from './version.ts'

export interface ServerInputs {
  readonly config: Config
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logger: Logger
  /** Aborts a start that is under way. */
  readonly signal: AbortSignal
}

export interface RunningServer {
  readonly url: string
  /** For the administrator, who was made just now: shown once, kept as a hash. */
  readonly adminToken: AdminToken | undefined
  /** Ends everything in order; with `ephemeral` removes everything too. */
  close(): Promise<void>
}

/** Undone in reverse when the server ends, or when its start fails half-way. */
class Undo {
  readonly #steps: { readonly what: string; readonly undo: () => Promise<unknown> }[] = []
  readonly #logger: Logger
  constructor(logger: Logger) {
    this.#logger = logger
  }
  add(what: string, undo: () => Promise<unknown>): void {
    this.#steps.push({ what, undo })
  }
  async all(): Promise<void> {
    for (const { what, undo } of this.#steps.splice(0).reverse()) await undo().catch((err: unknown) => this.#logger.error({ err }, `${what} failed`))
  }
}

const MAX_CONNECTIONS = 20

/**
 * Whether the token of an administrator is to be shown, and which. Asked before anybody can log in, who would have an account then; made
 * when nothing of the start can fail any more, so that it is shown.
 */
async function adminTokenToShow(repos: Store, config: Config): Promise<(() => Promise<AdminToken | undefined>) | undefined> {
  if (await repos.users.isEmpty()) return () => firstAdmin(repos)
  return config.new_admin_token ? () => newAdminToken(repos) : undefined
}

/** What the settings say about everybody's runs. */
const policyOf = (config: Config, { engine, chosen }: { engine: Engine; chosen: ChosenEngine }): RunPolicy => {
  const clusters = engine.name === 'kubernetes' ? clustersOf(config) : undefined
  return {
    profiles: config.profiles ?? {},
    podSecurity: config.pod_security,
    clusters: clusters && Object.keys(clusters),
    serviceAccounts: clusters && { own: chosen.ownAccount, allowed: accountsOf(clusters) },
  }
}

async function startDatabase({ config, logger, signal }: ServerInputs, folders: { data: string; cache: string }, undo: Undo): Promise<Database> {
  let connection: Connection
  if (config.database === undefined) {
    const postgres = await startPostgres({
      dir: join(folders.data, 'postgres'),
      cacheDir: folders.cache,
      log: logger,
      signal,
      ...(config.postgres !== 'auto' && { binaries: config.postgres }),
    })
    undo.add('stopping PostgreSQL', () => postgres.stop())
    connection = postgres.connection
  } else connection = { url: config.database }
  const database = openDatabase(connection, { maxConnections: MAX_CONNECTIONS, onError: (err) => logger.debug({ err }, 'a database connection was lost') })
  undo.add('closing the database', () => database.close().catch(() => undefined))
  await database.migrate().catch((cause: Error) => {
    throw new DavitError('unavailable', `the database cannot be used: ${cause.message}`, { cause })
  })
  return database
}

/** Everything of ours goes: for demos and tests, which must leave nothing behind. */
async function removeAll(engine: Engine): Promise<void> {
  for (const ref of await engine.list()) await engine.remove(ref, { volumes: true })
  await engine.tidy()
}

interface EngineEnd {
  readonly chosen: ChosenEngine
  readonly engine: Engine
  readonly countActive: () => Promise<number>
  readonly ephemeral: boolean
  readonly logger: Logger
}

async function endEngine({ chosen, engine, countActive, ephemeral, logger }: EngineEnd): Promise<void> {
  if (ephemeral) {
    await removeAll(engine).catch((err: unknown) => logger.warn({ err }, 'removing containers failed'))
    await engine.close()
    await chosen.destroy()
    return
  }
  // A database that does not answer cannot say that nothing runs.
  const active = await countActive().catch(() => 1)
  if (active > 0) logger.info({ runs: active }, 'runs go on without the server; the next start finds them')
  else await engine.tidy().catch(() => undefined)
  await engine.close()
  await chosen.stop({ keep: active > 0 })
}

/** What is wrong with an engine that is not well, such as rights that are missing: told once. Nobody waits for it. */
function tellHealth(engine: Engine, logger: Logger): void {
  engine.health().then(
    ({ healthy, detail }) => (healthy ? logger.debug({ engine: engine.name }, detail) : logger.warn({ engine: engine.name }, detail)),
    (error: unknown) => logger.warn({ engine: engine.name, why: error instanceof Error ? error.message : String(error) }, 'the engine does not answer yet'),
  )
}

/** A start that fails leaves the engine as it found it. */
const abandon = (chosen: ChosenEngine, { ephemeral }: Config): Promise<void> => (ephemeral ? chosen.destroy() : chosen.stop({ keep: chosen.adopted }))

/** Starts everything that the settings ask for, and answers when all of it does. A failed start leaves nothing running. */
export async function startServer(asked: ServerInputs): Promise<RunningServer> {
  // What is running must not end with the signal: it is ended in order, by `close`.
  const starting = new AbortController()
  const abort = (): void => starting.abort(asked.signal.reason)
  asked.signal.addEventListener('abort', abort, { once: true })
  const inputs = { ...asked, signal: starting.signal }
  const { config, env, logger, signal } = inputs
  const auth = await chooseAuth(config)
  const uid = process.getuid?.()
  const defaults = defaultFolders({ env, uid, home: homedir() })
  const folders = { data: resolve(config.data ?? defaults.data), cache: resolve(config.cache ?? defaults.cache) }
  const undo = new Undo(logger)
  try {
    const lock = await lockDataFolder(folders.data)
    // PostgreSQL has another account than root and must pass through; what is in the folder keeps its own modes.
    if (uid === 0) await chmod(folders.data, 0o711)
    if (config.ephemeral) undo.add('removing the data folder', () => rm(folders.data, { recursive: true, force: true }))
    undo.add('releasing the data folder', () => lock.release())
    const [databaseStart, engineStart] = await Promise.allSettled([
      startDatabase(inputs, folders, undo),
      chooseEngine({ config, folders, env, uid, logger, signal }),
    ])
    if (engineStart.status === 'fulfilled' && databaseStart.status === 'rejected') undo.add('stopping the engine', () => abandon(engineStart.value, config))
    if (databaseStart.status === 'rejected') throw databaseStart.reason
    if (engineStart.status === 'rejected') throw engineStart.reason
    const [database, chosen] = [databaseStart.value, engineStart.value]
    const engine = chosen.create(await settingRepo(database.db).getOrSet('installation', randomUUID()))
    const keys = keySource({
      key: config.secrets_key,
      command: config.secrets_key_command,
      file: config.secrets_key_file ?? join(folders.data, 'secrets.key'),
    })
    const parts = {
      config,
      version: VERSION,
      database,
      embedded: config.database === undefined,
      engine,
      engineEndpoint: chosen.endpoint,
      keys,
      auth,
      corsOrigins: originsOf(config),
      trustedProxies: proxiesOf(config),
      policy: policyOf(config, { engine, chosen }),
      logger,
    }
    undo.add('ending the engine', () => endEngine({ chosen, engine, countActive: runRepo(database.db).countActive, ephemeral: config.ephemeral, logger }))
    const composed = await compose(parts)
    undo.add('ending the server', () => composed.close())
    if (auth) await composed.auth.signing.assertUsable()
    const makeToken = auth && (await adminTokenToShow(composed.store, config))
    const url = await composed.app.listen({ host: config.listen.host, port: config.listen.port })
    await lock.setUrl(url)
    composed.start()
    tellHealth(engine, logger)
    asked.signal.removeEventListener('abort', abort)
    return { url, adminToken: await makeToken?.(), close: () => undo.all() }
  } catch (error) {
    await undo.all()
    throw error
  }
}
