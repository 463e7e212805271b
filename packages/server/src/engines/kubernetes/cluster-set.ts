import { setTimeout as sleep } from 'node:timers/promises'

const RETRY_MS = { first: 500, most: 15_000 } as const
/** What failed is not tried again by those who ask for it before so long. */
const AGAIN_MS = 2000

interface Closable {
  close(): Promise<void>
}

/** How it stands with one of a set. */
interface Place<Opened> {
  opened?: Opened
  opening?: Promise<Opened>
  failed?: { readonly error: unknown; readonly at: number }
}

/**
 * Named things that take a while to open, each opened when it is first asked for; one that cannot be opened does not keep the others, nor
 * those who ask for it: once it has failed they are told so at once, while it is tried again behind them.
 */
export function clusterSet<Opened extends Closable>(names: readonly string[], open: (name: string) => Promise<Opened>, now = () => performance.now()) {
  const places = new Map<string, Place<Opened>>()
  const [first = 'default'] = names

  const placeOf = (name: string): Place<Opened> => {
    const place = places.get(name) ?? {}
    places.set(name, place)
    return place
  }
  async function tried(name: string, place: Place<Opened>): Promise<Opened> {
    try {
      place.opened = await open(name)
      delete place.failed
      return place.opened
    } catch (error) {
      place.failed = { error, at: now() }
      delete place.opening
      throw error
    }
  }
  /** The try that is under way, or a new one. */
  const opening = (name: string): Promise<Opened> => {
    const place = placeOf(name)
    place.opening ??= tried(name, place)
    return place.opening
  }
  const get = async (name: string = first): Promise<Opened> => {
    const { failed, opening: underWay } = placeOf(name)
    if (!failed) return opening(name)
    if (!underWay && now() - failed.at > AGAIN_MS) opening(name).catch(() => undefined) // it is remembered
    throw failed.error
  }
  const patiently = async (name: string, signal: AbortSignal): Promise<Opened | undefined> => {
    for (let wait: number = RETRY_MS.first; !signal.aborted; wait = Math.min(wait * 2, RETRY_MS.most)) {
      const found = await opening(name).catch(() => undefined)
      if (found) return found
      await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
    }
    return undefined
  }
  return {
    names,
    has: (name: string | undefined): boolean => name === undefined || names.includes(name),
    get,
    /** What is open already. */
    known: (name: string = first): Opened | undefined => places.get(name)?.opened,
    /** Opens all, however long it takes, and does something with each as soon as it is there; undone when the signal fires. */
    each: (signal: AbortSignal, act: (opened: Opened) => () => void): void => {
      for (const name of names)
        void patiently(name, signal).then((found) => {
          const undo = found && !signal.aborted ? act(found) : undefined
          if (undo) signal.addEventListener('abort', undo, { once: true })
        })
    },
    close: async (): Promise<void> => {
      const all = [...places.values()].flatMap((place) => place.opening ?? [])
      for (const result of await Promise.allSettled(all)) if (result.status === 'fulfilled') await result.value.close()
    },
  }
}
