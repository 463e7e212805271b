import type { Davit, ServerInfo } from 'davit'
import { asDavitError } from '#runner/failure.ts'
import type { Settings } from '#runner/settings.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** `docker 20.10.24`; an engine whose version is its name has none. */
export const engineText = ({ name, version }: ServerInfo['engine']): string => (version === undefined || version === name ? name : `${name} ${version}`)

/** What the server says of itself, line by line. */
export const judgeServer = (info: ServerInfo, { client, where }: { client: string; where: string }): readonly Check[] => {
  const { engine, database } = info
  const engineName = engineText(engine)
  const databaseName = `PostgreSQL ${database.version}${database.embedded ? ', embedded' : ''}`
  const sameVersion = info.version.split('.').slice(0, 2).join('.') === client.split('.').slice(0, 2).join('.')
  return [
    ok('server', `${where}, ${info.runs.active} active runs`),
    database.healthy
      ? ok('database', databaseName)
      : fail('database', `${databaseName} does not answer`, "look at the server's log; it goes on by itself once the database is back"),
    engine.healthy
      ? ok('engine', [engineName, engine.detail].filter(Boolean).join(', '))
      : fail('engine', [engineName, engine.detail ?? 'does not answer'].join(': '), 'start it again; runs go on by themselves once it is back'),
    sameVersion
      ? ok('versions', `CLI ${client}, server ${info.version}`)
      : warn('versions', `CLI ${client}, server ${info.version}`, 'bring both to the same version'),
  ]
}

/** The server's lines; one that fails when it cannot be reached. `reached` tells the two apart. */
export const checkServer = async (
  client: Davit,
  { settings, version, signal }: { settings: Settings; version: string; signal: AbortSignal },
): Promise<{ readonly reached: boolean; readonly checks: readonly Check[] }> => {
  const where = `${settings.endpoint} (${settings.origin})`
  try {
    return { reached: true, checks: judgeServer(await client.server.info({ signal }), { client: version, where }) }
  } catch (thrown) {
    const error = asDavitError(thrown)
    if (error.code === 'unauthenticated') return { reached: true, checks: [fail('server', `${where}: ${error.message}`, 'davit login')] }
    return { reached: false, checks: [fail('server', `${where}: ${error.message}`, 'start one: davit server; or choose another: davit use URL')] }
  }
}
