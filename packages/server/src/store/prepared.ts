import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'

/** Statements that one connection keeps ready. Lists are put together from what was asked for: there may be more of them than that. */
const MOST = 200

/** A newer server has changed the tables: what a kept statement gives is not what it gave when it was made. */
const isOutdated = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '0A000' && error.message.includes('cached plan')

/** A connection whose statements are parsed and planned once, not each time they are sent: that is most of what small ones cost. */
function preparing(client: pg.PoolClient): PostgresPoolClient {
  const names = new Map<string, string>()
  let outdated = false
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text)
    if (known !== undefined || names.size >= MOST) return known
    const name = `davit_${names.size}`
    names.set(text, name)
    return name
  }
  const query = async (text: string, values: readonly unknown[] = []) => {
    const name = values.length > 0 ? nameOf(text) : undefined
    try {
      return await client.query({ text, values: [...values], ...(name !== undefined && { name }) })
    } catch (error) {
      outdated ||= isOutdated(error)
      throw error
    }
  }
  // As much of a client as Kysely uses without cursors.
  return { query, release: () => client.release(outdated) } as unknown as PostgresPoolClient
}

/** The pool, its connections with prepared statements. One that a schema change has made useless is closed after its first failure. */
export function preparingPool(pool: pg.Pool): PostgresPool {
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect()
      const wrapped = known.get(client) ?? preparing(client)
      known.set(client, wrapped)
      return wrapped
    },
    end: () => pool.end(),
  }
}
