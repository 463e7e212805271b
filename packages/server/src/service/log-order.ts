import type { ContainerLog } from '#logs/stream.ts'
import { type Order, type Paging, parseSort } from '#store/list.ts'
import type { RunRow } from '#store/runs.ts'

const SORTED_BY = { created: 'time', updated: 'time', id: 'name', name: 'name', kind: 'same', user_name: 'same', state: 'same' } as const satisfies Record<
  Order['column'],
  string
>

/** When a container began, as far as is known. */
export const beginOf = (run: RunRow, { container }: ContainerLog): string =>
  run.status.containers?.find(({ name }) => name === container)?.started ?? run.created.toISOString()

/** Logs of one run as a list asks for them; by default the newest first. In all but time and name they are the same. */
export function inOrder(logs: readonly ContainerLog[], { run, sort }: { run: RunRow; sort: Paging['sort'] }): readonly ContainerLog[] {
  const compare = ({ column, direction }: Order, a: ContainerLog, b: ContainerLog): number => {
    const by = {
      time: a.attempt - b.attempt || beginOf(run, a).localeCompare(beginOf(run, b)),
      name: a.container.localeCompare(b.container),
      same: 0,
    }[SORTED_BY[column]]
    return direction === 'desc' ? -by : by
  }
  const orders = parseSort(sort, { column: 'created', direction: 'desc' }, false)
  return logs.toSorted((a, b) => orders.reduce((found, order) => found || compare(order, a, b), 0))
}
