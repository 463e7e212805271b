import { setTimeout as sleep } from 'node:timers/promises'

const RETRY_MS = { first: 500, most: 15_000 } as const

interface Closable {
  close(): Promise<void>
}

/** Named things that take a while to open, each opened when it is first asked for; one that cannot be opened does not keep the others. */
export function clusterSet<Opened extends Closable>(names: readonly string[], open: (name: string) => Promise<Opened>) {
  const opened = new Map<string, Promise<Opened>>()
  const [first = 'default'] = names
  const get = (name: string = first): Promise<Opened> => {
    const known = opened.get(name)
    if (known) return known
    const opening = open(name)
    opened.set(name, opening)
    // What failed is tried anew by whoever asks next.
    opening.catch(() => opened.delete(name))
    return opening
  }
  const patiently = async (name: string, signal: AbortSignal): Promise<Opened | undefined> => {
    for (let wait: number = RETRY_MS.first; !signal.aborted; wait = Math.min(wait * 2, RETRY_MS.most)) {
      const found = await get(name).catch(() => undefined)
      if (found) return found
      await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
    }
    return undefined
  }
  return {
    names,
    has: (name: string | undefined): boolean => name === undefined || names.includes(name),
    get,
    /** Opens all, however long it takes, and does something with each as soon as it is there; undone when the signal fires. */
    each: (signal: AbortSignal, act: (opened: Opened) => () => void): void => {
      for (const name of names)
        void patiently(name, signal).then((found) => {
          const undo = found && !signal.aborted ? act(found) : undefined
          if (undo) signal.addEventListener('abort', undo, { once: true })
        })
    },
    close: async (): Promise<void> => {
      for (const result of await Promise.allSettled(opened.values())) if (result.status === 'fulfilled') await result.value.close()
    },
  }
}
