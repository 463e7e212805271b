import { ACTIONS, type ContainerStatus, type Note, type ServerStatus } from 'davit/contract'
import { removedUnread } from '#domain/log-lost.ts'
import type { PresentObservation } from '#domain/observation.ts'
import type { Look } from './context.ts'
import { readLog } from './read-log.ts'

type Sight = Pick<PresentObservation, 'containers' | 'replaced'>

interface Departed {
  /** Still shown: they end, or could not be read yet. */
  readonly ending: readonly ContainerStatus[]
  readonly notes: readonly Note[]
}

const lost = (message: string): Note => ({ code: 'log-lost', message })
const unread = ({ name }: ContainerStatus): Note => lost(removedUnread(name).message)

/** Stores a log whole. Undefined: it cannot be read now. */
async function keep(look: Look, name: string): Promise<readonly Note[] | undefined> {
  try {
    // Nothing of it is shown but the log itself.
    const { lost: why, bytes, store } = await readLog(look, name, () => '')
    if (why === undefined || bytes > 0) await store?.(look.deps.store.logs)
    return why === undefined ? [] : [lost(why)]
  } catch {
    return undefined
  }
}

/**
 * Containers that were shown and that the engine has replaced since: their logs are stored while it still has them, and those that went
 * unread are told of. What is not read yet stays shown, so that the next look knows of it.
 */
export async function departed(look: Look, seen: Sight): Promise<Departed> {
  const here = new Set(seen.containers.map(({ name }) => name))
  const gone = (look.run.status.containers ?? []).filter(({ name, attempt, started }) => attempt === look.workload.attempt && started && !here.has(name))
  const ending: ContainerStatus[] = []
  const notes: Note[] = []
  for (const one of gone) {
    const replaced = seen.replaced?.find(({ name }) => name === one.name)
    const read = replaced?.ended ? await keep(look, one.name) : undefined
    if (read) notes.push(...read)
    else if (replaced) ending.push({ ...one, ready: false })
    else notes.push(unread(one))
  }
  return { ending, notes }
}

/** The same where the attempt ends, and nobody will look again: jobs tell why their one container is not there. */
export async function departedAtEnd(look: Look, seen: Sight): Promise<readonly Note[]> {
  if (!ACTIONS[look.workload.action].longRunning) return []
  const { ending, notes } = await departed(look, seen)
  return [...notes, ...ending.map(unread)]
}

/** A status that tells of them too. */
export const withDeparted = (status: ServerStatus, { ending, notes }: Departed): ServerStatus => ({
  ...status,
  ...(ending.length > 0 && { containers: [...(status.containers ?? []), ...ending] }),
  ...(notes.length > 0 && { notes: [...(status.notes ?? []).slice(-20), ...notes] }),
})
