import type { Page } from '#contract/page.ts'
import type { CallOptions } from './options.ts'
import { Pages, type Paging } from './pages.ts'
import type { Query } from './resource.ts'

interface Listed<T extends { readonly id: string }> {
  /** Reads one page with these filters. */
  readonly read: (query: Query) => Promise<Page<T>>
  readonly filters: (Paging & object) | undefined
}

/** A lazy list over a page endpoint. */
export const listOf = <T extends { readonly id: string }>({ read, filters = {} }: Listed<T>): Pages<T> =>
  new Pages(async (paging) => {
    const page = await read({ ...filters, ...paging })
    return { ...page, content: page.content.map((item) => ({ id: item.id, item })) }
  }, filters)

/** Filters that most lists take; all given must hold. `created`, `updated`: one ISO time (later than), or `start,end`. */
export interface CommonFilters extends Paging {
  readonly name?: string | undefined
  readonly kind?: string | undefined
  readonly user?: string | undefined
  readonly state?: string | undefined
  readonly created?: string | undefined
  readonly updated?: string | undefined
}

export interface DeleteOptions extends CallOptions {
  /** Also delete what belongs to it. */
  readonly cascade?: boolean | undefined
}
