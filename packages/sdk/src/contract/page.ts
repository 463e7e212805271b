import * as z from 'zod'

const Sort = z.looseObject({ empty: z.boolean(), sorted: z.boolean(), unsorted: z.boolean() }).meta({ id: 'Sort' })

/** Spring's page envelope, as official clients read it. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.looseObject({
    content: z.array(item),
    pageable: z.looseObject({ pageNumber: z.int(), pageSize: z.int(), sort: Sort, offset: z.int(), paged: z.boolean(), unpaged: z.boolean() }),
    last: z.boolean(),
    totalPages: z.int(),
    totalElements: z.int(),
    size: z.int(),
    number: z.int(),
    sort: Sort,
    first: z.boolean(),
    numberOfElements: z.int(),
    empty: z.boolean(),
  })

export interface Page<T> {
  readonly content: readonly T[]
  readonly totalElements: number
  readonly totalPages: number
  readonly number: number
  readonly size: number
}

const SORTED = { empty: false, sorted: true, unsorted: false } as const

/** The envelope of one page out of `totalElements`. Pages past the end are empty, not errors: SDK ≤ 0.13 asks for one. */
export const toPage = <T>(content: readonly T[], { page, size, totalElements }: { page: number; size: number; totalElements: number }) => {
  const totalPages = Math.ceil(totalElements / size)
  return {
    content: [...content],
    pageable: { pageNumber: page, pageSize: size, sort: SORTED, offset: page * size, paged: true, unpaged: false },
    last: page >= totalPages - 1,
    totalPages,
    totalElements,
    size,
    number: page,
    sort: SORTED,
    first: page === 0,
    numberOfElements: content.length,
    empty: content.length === 0,
  }
}

const PAGE_SIZE = { default: 25, max: 1000 } as const

/** A whole number of a query, within the bounds of `schema`. Text that is not written as one is refused: JavaScript takes an empty one for 0, and `0x10` for 16. */
export const wholeNumber = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && !/^[+-]?\d+$/.test(value) ? Number.NaN : value), schema)
/** Of a query, without bounds. */
export const integer = z.coerce.number({ error: 'must be a whole number' }).int({ error: 'must be a whole number' })

/** What every list takes. A page below 0 counts as 0 (the console sends −1); a size above 1000 is refused. Sort: `field,ASC|DESC`. */
export const pageQuery = {
  page: wholeNumber(integer.max(2_000_000_000).transform((page) => Math.max(0, page))).default(0),
  size: wholeNumber(integer.min(1).max(PAGE_SIZE.max)).default(PAGE_SIZE.default),
  sort: z.union([z.string(), z.array(z.string())]).optional(),
} as const

/** Several words: the parameter repeated, or commas between. */
export const words = z.union([z.string(), z.array(z.string())])

/** What most lists filter by; all given are ANDed. `id`: one, or several with commas between. `created` and `updated`: one ISO time (later than) or `start,end`. */
export const commonFilters = {
  id: z.string().optional(),
  name: z.string().optional(),
  kind: z.string().optional(),
  user: z.string().optional(),
  state: z.string().optional(),
  created: z.string().optional(),
  updated: z.string().optional(),
} as const

/** The filters of each list: the same in one project and in all. */
export const functionFilters = {
  ...commonFilters,
  q: z.string().optional(),
  labels: words.optional(),
  versions: z.enum(['latest', 'all']).optional(),
} as const

export const taskFilters = { ...commonFilters, function: z.string().optional(), workflow: z.string().optional() } as const

export const runFilters = {
  ...commonFilters,
  q: z.string().optional(),
  function: z.string().optional(),
  task: z.string().optional(),
  action: z.string().optional(),
  workflow: z.string().optional(),
} as const
