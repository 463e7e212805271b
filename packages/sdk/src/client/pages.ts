import type { Page } from '#contract/page.ts'

export interface FirstPage<T> {
  readonly items: readonly T[]
  /** How many there are on all pages together. */
  readonly total: number
}

/** What every list takes beside its filters. */
export interface Paging {
  /** From 0. Iterating begins there. Default 0. */
  readonly page?: number | undefined
  /** Entries a page, 1 to 1000. Default 25 when awaited, 100 when iterated. */
  readonly size?: number | undefined
  /** As `created,DESC`. */
  readonly sort?: string | readonly string[] | undefined
}

type ReadPage<T> = (paging: { readonly page: number | undefined; readonly size: number | undefined }) => Promise<Page<T>>
const ITERATED_SIZE = 100

/** A list that is read when used: `await` gives one page and the total, `for await` every entry of every page. */
export class Pages<T> implements PromiseLike<FirstPage<T>>, AsyncIterable<T> {
  readonly #read: ReadPage<{ readonly id: string; readonly item: T }>
  readonly #paging: Paging

  constructor(read: ReadPage<{ readonly id: string; readonly item: T }>, paging: Paging) {
    this.#read = read
    this.#paging = paging
  }

  async #first(): Promise<FirstPage<T>> {
    const page = await this.#read({ page: this.#paging.page, size: this.#paging.size })
    return { items: page.content.map(({ item }) => item), total: page.totalElements }
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is the point
  then<A = FirstPage<T>, B = never>(
    resolve?: ((first: FirstPage<T>) => A | PromiseLike<A>) | null,
    reject?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#first().then(resolve, reject)
  }

  /**
   * Nothing is given twice when entries are added meanwhile. When entries vanish (a loop that stops the running runs it lists)
   * the others move up, past the page that was read: then reading begins anew and passes over what was given.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    const size = this.#paging.size ?? ITERATED_SIZE
    const begin = this.#paging.page ?? 0
    const given = new Set<string>()
    let total = 0
    for (let number = begin; ; ) {
      const page = await this.#read({ page: number, size })
      for (const { id, item } of page.content) {
        if (given.has(id)) continue
        given.add(id)
        yield item
      }
      const shrunk = page.totalElements < total
      total = page.totalElements
      if (!shrunk && number >= page.totalPages - 1) return
      number = shrunk ? begin : number + 1
    }
  }

  /** The whole list as an array. */
  all(): Promise<T[]> {
    return Array.fromAsync(this)
  }

  map<U>(change: (item: T) => U): Pages<U> {
    const read: ReadPage<{ readonly id: string; readonly item: U }> = async (paging) => {
      const page = await this.#read(paging)
      return { ...page, content: page.content.map(({ id, item }) => ({ id, item: change(item) })) }
    }
    return new Pages(read, this.#paging)
  }
}
