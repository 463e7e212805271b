import type { WorkloadRef } from '#domain/engine.ts'
import { type DockerClient, statusOf, wordsOf } from './client.ts'
import type { Containers } from './containers.ts'
import { ownershipOf } from './labels.ts'
import { lifeOf } from './observe.ts'
import type { Supervisor } from './supervisor.ts'

export interface StopDeps {
  readonly client: DockerClient
  readonly containers: Containers
  readonly restarts: Supervisor
  readonly log: (event: string, fields: object) => void
  readonly now: () => number
}

/** Asks containers to end. The engine answers only when they have, so nobody waits for that; a second, shorter notice is passed on. */
export function stopper({ client, containers, restarts, log, now }: StopDeps) {
  /** Container id → when it will be killed. */
  const underWay = new Map<string, number>()

  async function stopOne(id: string, graceSeconds: number): Promise<void> {
    try {
      await client.docker.getContainer(id).stop({ t: graceSeconds })
    } catch (error) {
      // 304: it has ended already. 404: it is gone.
      if (![304, 404].includes(statusOf(error) ?? 0)) log('stop-failed', { container: id, reason: wordsOf(error) })
    } finally {
      underWay.delete(id)
    }
  }

  return async (ref: WorkloadRef, graceSeconds: number): Promise<void> => {
    const grace = Math.max(0, Math.ceil(graceSeconds))
    const rows = await containers.ofWorkload(ref)
    if (rows[0]) await restarts.stopped(ref, ownershipOf(rows[0].Labels))
    for (const { Id, State } of rows) {
      const life = lifeOf(State)
      // What never started has neither logs nor an end to wait for.
      if (life === 'unstarted') await client.within('change', (abortSignal) => client.docker.getContainer(Id).remove({ force: true, v: true, abortSignal }))
      const killedAt = now() + grace * 1000
      if ((life !== 'running' && life !== 'restarting') || (underWay.get(Id) ?? Number.POSITIVE_INFINITY) <= killedAt) continue
      underWay.set(Id, killedAt)
      void stopOne(Id, grace)
    }
  }
}
