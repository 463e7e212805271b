import { DavitError, keysOf } from 'davit/contract'
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { DB } from './schema.ts'

export interface Paging {
  /** From 0. */
  readonly page: number
  readonly size: number
  readonly sort?: string | string[] | undefined
}

/** The projects that a list runs through: one, several, or all. */
export type Projects = string | readonly string[] | undefined

/** The filters that lists of all entities share; texts as clients send them. */
export interface CommonFilters {
  /** One, or several with commas between. */
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly kind?: string | undefined
  readonly user?: string | undefined
  readonly state?: string | undefined
  readonly created?: string | undefined
  readonly updated?: string | undefined
}

export interface Listed<T> {
  readonly rows: readonly T[]
  readonly total: number
}

const SORT_COLUMNS = { created: 'created', updated: 'updated', name: 'name', id: 'id', kind: 'kind', user: 'user_name', state: 'state' } as const
type SortField = keyof typeof SORT_COLUMNS

export interface Order {
  readonly column: (typeof SORT_COLUMNS)[SortField]
  readonly direction: 'asc' | 'desc'
}

/** `metadata.created,ASC` → { created, asc }. Throws `invalid` for an unknown property. */
export const parseSort = (sort: string | string[] | undefined, fallback: Order, hasState: boolean): readonly Order[] => {
  const orders = [sort ?? []].flat().flatMap((text): readonly Order[] => {
    const [path = '', direction = 'ASC'] = text.split(',')
    const field = path.slice(path.lastIndexOf('.') + 1)
    const known = keysOf(SORT_COLUMNS)
    const column = known.find((name) => name === field)
    if (!column || !/^(asc|desc)$/i.test(direction))
      throw new DavitError('invalid', `sort cannot be ${text}: write <property>,ASC or <property>,DESC with one of ${known.join(', ')}`, { path: 'sort' })
    // Entities without a life of their own are all in one state: they are in its order already.
    if (column === 'state' && !hasState) return []
    return [{ column: SORT_COLUMNS[column], direction: direction.toLowerCase() === 'desc' ? 'desc' : 'asc' }]
  })
  return orders.length > 0 ? orders : [fallback]
}

/** Years that both JavaScript and PostgreSQL can write; nothing was ever made in others. */
const isOrdinary = (date: Date): boolean => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999

/** `start` or `start,end` as ISO times; what is not a time is ignored, as the reference does. */
export const parseRange = (text: string | undefined): { from: Date | undefined; to: Date | undefined } => {
  const [from, to] = (text ?? '').split(',').map((part) => new Date(part.trim().replace(' ', '+')))
  const valid = (date: Date | undefined) => (date && isOrdinary(date) ? date : undefined)
  return { from: valid(from), to: valid(to) }
}

/** A query value in which `+` may have arrived as a space, because dhcli does not encode. */
export const plusRestored = (text: string): string => text.replaceAll(' ', '+')

export const like = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

export type Condition = RawBuilder<SqlBool>

/** The conditions of the shared filters, `name` and `state` apart: those mean different things in different lists. */
export function commonConditions({ id, kind, user, created, updated }: CommonFilters): readonly Condition[] {
  const conditions: Condition[] = []
  if (id) conditions.push(sql`id = any(${id.split(',')})`)
  if (kind) conditions.push(sql`kind = ${plusRestored(kind)}`)
  if (user) conditions.push(sql`user_name = ${user}`)
  for (const [column, range] of [
    ['created', parseRange(created)],
    ['updated', parseRange(updated)],
  ] as const) {
    if (range.from) conditions.push(sql`${sql.ref(column)} >= ${range.from}`)
    if (range.to) conditions.push(sql`${sql.ref(column)} <= ${range.to}`)
  }
  return conditions
}

export const inProjects = (projects: Projects): readonly Condition[] => {
  if (projects === undefined) return []
  return [typeof projects === 'string' ? sql`project = ${projects}` : sql`project = any(${projects})`]
}

/** Entities that have no life of their own are CREATED, all of them and always. */
export const stateCondition = (state: string | undefined): readonly Condition[] => (state && !state.split(',').includes('CREATED') ? [sql`false`] : [])

export interface ListPlan {
  /** A table, or a query in brackets that gives the same columns. */
  readonly from: RawBuilder<unknown>
  readonly where: readonly Condition[]
  readonly order: Order
  readonly paging: Paging
  readonly hasState?: boolean
  /** Rows are wide, and there are indexes in the order of the list. */
  readonly indexed?: boolean
  /** Where the total is known without counting: a table of the filters' columns and `n`. */
  readonly counted?: RawBuilder<unknown> | undefined
}

/** One page and the count of all. `T` is the row type of what `from` names. */
export async function listRows<T>(db: Kysely<DB>, { from, where, order, paging, hasState = false, indexed = false, counted }: ListPlan): Promise<Listed<T>> {
  const condition = where.length > 0 ? sql.join(where, sql` and `) : sql`true`
  const orders = [...parseSort(paging.sort, order, hasState), { column: 'id', direction: order.direction } as const]
  const orderBy = sql.join(orders.map(({ column, direction }) => sql`${sql.ref(column)} ${sql.raw(direction)}`))
  const chosen = sql`from ${from} where ${condition} order by ${orderBy} limit ${paging.size} offset ${paging.page * paging.size}`
  // Of a table with an index for each list, the rows before a page are passed over in the index alone.
  const page = indexed ? sql<T>`select * from ${from} where id in (select id ${chosen}) order by ${orderBy}` : sql<T>`select * ${chosen}`
  const count = counted
    ? sql<{ total: number }>`select coalesce(sum(n), 0)::bigint as total from ${counted} where ${condition}`
    : sql<{ total: number }>`select count(*) as total from ${from} where ${condition}`
  const [rows, totals] = await Promise.all([page.execute(db), count.execute(db)])
  return { rows: rows.rows, total: totals.rows[0]?.total ?? 0 }
}
