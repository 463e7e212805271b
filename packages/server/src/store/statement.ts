import { CompiledQuery, type Kysely } from 'kysely'
import type { DB } from './schema.ts'

/** Rows of a statement that is the same text each time: what single requests are made of is not put together anew for every one of them. */
export const rowsOf = async <T>(db: Kysely<DB>, text: string, parameters: readonly unknown[]): Promise<readonly T[]> =>
  (await db.executeQuery<T>(CompiledQuery.raw(text, [...parameters]))).rows

/** The only row, if there is one. */
export const rowOf = async <T>(db: Kysely<DB>, text: string, parameters: readonly unknown[]): Promise<T | undefined> =>
  (await rowsOf<T>(db, text, parameters))[0]
