/** In order: what somebody waits for, what may have changed, what has time. */
export type Lane = 'first' | 'next' | 'idle'
const RANK = { first: 0, next: 1, idle: 2 } as const satisfies Record<Lane, number>

/** Of so many keys taken, one is not of the first lane though it has some: what runs already must not be forgotten over what is new. */
const TURNS = 4

/** Keys that wait, each once. A key that is put into a second lane waits in the better one of both. */
export function createLanes() {
  const lanes: Readonly<Record<Lane, Set<string>>> = { first: new Set(), next: new Set(), idle: new Set() }
  let taken = 0

  const firstOf = (names: readonly Lane[]): string | undefined => {
    for (const name of names)
      for (const key of lanes[name]) {
        lanes[name].delete(key)
        return key
      }
    return undefined
  }
  const laneOf = (key: string): Lane | undefined => (['first', 'next', 'idle'] as const).find((name) => lanes[name].has(key))

  return {
    put(key: string, lane: Lane): void {
      const known = laneOf(key)
      if (known !== undefined && RANK[known] <= RANK[lane]) return
      if (known !== undefined) lanes[known].delete(key)
      lanes[lane].add(key)
    },
    /** The key whose turn it is; one that has time only where asked for. */
    take({ idle }: { readonly idle: boolean }): string | undefined {
      const key = firstOf(taken % TURNS === TURNS - 1 ? ['next', 'first'] : ['first', 'next'])
      if (key !== undefined) taken += 1
      return key ?? (idle ? firstOf(['idle']) : undefined)
    },
    size: (): number => lanes.first.size + lanes.next.size + lanes.idle.size,
    clear(): void {
      for (const lane of Object.values(lanes)) lane.clear()
    },
  }
}
