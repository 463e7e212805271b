import type { Refusal } from '#domain/engine.ts'
import type { ContainerRow } from './inspect.ts'
import { LABEL } from './labels.ts'
import { lifeOf } from './observe.ts'
import type { Starter, Starting } from './start.ts'

/** How often another port is tried when the chosen one was taken in the meantime. */
const PORT_TRIES = 8

export const replicaOf = ({ Labels }: ContainerRow): number => Number(Labels[LABEL.replica])

/** Starts every replica that is missing; one that was created and never started is made anew. Refused: those made here are gone again. */
export async function startReplicas(starter: Starter, existing: readonly ContainerRow[], starting: Omit<Starting, 'replica'>): Promise<Refusal | undefined> {
  const made: string[] = []
  for (let replica = 0; replica < starting.workload.replicas; replica++) {
    const row = existing.find((one) => replicaOf(one) === replica)
    if (row && (lifeOf(row.State) !== 'unstarted' || !(await starter.withdraw(row.Id)))) continue
    const started = await startOne(starter, { ...starting, replica })
    if ('id' in started) {
      made.push(started.id)
      continue
    }
    for (const id of made) await starter.discard(id)
    return started.refused
  }
  return undefined
}

async function startOne(starter: Starter, starting: Starting): Promise<{ id: string } | { refused: Refusal }> {
  for (let attempt = 1; ; attempt++) {
    const started = await starter.bringUp(starting)
    if (!('again' in started)) return started
    if (attempt === PORT_TRIES) return { refused: started.again }
  }
}
