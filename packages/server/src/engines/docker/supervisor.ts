import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkloadRef } from '#domain/engine.ts'
import * as z from 'zod'
import { type DockerClient, orMissing, wordsOf } from './client.ts'
import type { Containers } from './containers.ts'
import type { Flavor } from './flavor.ts'
import type { ContainerInspect } from './inspect.ts'
import { hasLabels, LABEL } from './labels.ts'
import { lifeOf } from './observe.ts'

export interface SupervisorDeps {
  readonly client: DockerClient
  readonly containers: Containers
  readonly flavor: () => Promise<Flavor>
  readonly log: (event: string, fields: object) => void
  readonly now: () => number
}

const LOOK_EVERY = 1_000
const LONGEST_PAUSE = 60_000
/** Who ran this long was healthy: its next end is a first one again. */
const HEALTHY = 60_000

/** 1, 2, 4 … 60 seconds after the first, second, third … end in a row. */
export const restartPause = (endsInARow: number): number => Math.min(1_000 * 2 ** Math.max(0, endsInARow - 1), LONGEST_PAUSE)

const Volumes = z.looseObject({ Volumes: z.array(z.looseObject({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() })).nullish() })

/**
 * Restarts deployments and services on Podman, whose own policy restarts without any pause. That a workload was stopped has to
 * outlive this process and Podman cannot change labels, so an empty volume says so; it goes when the workload does.
 */
export function supervisor({ client, containers, flavor, log, now }: SupervisorDeps, closed: AbortSignal) {
  const { docker, within } = client
  const ends = new Map<string, { inARow: number; finishedAt: string }>()
  let awake = false

  const isPodman = async (): Promise<boolean> => (await flavor()).kind === 'podman'
  const stoppedWorkloads = async (): Promise<ReadonlySet<string>> => {
    const filters = JSON.stringify({ label: [`${LABEL.volume}=stopped`] })
    const { Volumes: found } = Volumes.parse(await within('read', (abortSignal) => docker.listVolumes({ filters, abortSignal })))
    return new Set((found ?? []).filter(({ Labels }) => hasLabels(Labels, { [LABEL.volume]: 'stopped' })).map(({ Labels }) => Labels?.[LABEL.workload] ?? ''))
  }
  const isOurs = ({ Config }: ContainerInspect): boolean => (Config.Labels[LABEL.action] ?? 'job') !== 'job'

  async function restartWhenDue(inspect: ContainerInspect): Promise<void> {
    const { Id, State } = inspect
    const before = ends.get(Id) ?? { inARow: 0, finishedAt: '' }
    const [started, finished] = [Date.parse(State.StartedAt), Date.parse(State.FinishedAt)]
    const inARow = before.finishedAt === State.FinishedAt ? before.inARow : finished - started > HEALTHY ? 1 : before.inARow + 1
    ends.set(Id, { inARow, finishedAt: State.FinishedAt })
    if (now() < finished + restartPause(inARow)) return
    await orMissing(within('start', (abortSignal) => docker.getContainer(Id).start({ abortSignal })))
  }

  async function pass(): Promise<void> {
    const rows = (await containers.all()).filter(({ State, Labels }) => lifeOf(State) === 'ended' && (Labels[LABEL.action] ?? 'job') !== 'job')
    if (rows.length === 0) return
    const stopped = await stoppedWorkloads()
    for (const { Id, Labels } of rows) {
      if (stopped.has(Labels[LABEL.workload] ?? '')) continue
      const inspect = await containers.inspect(Id)
      if (inspect && lifeOf(inspect.State.Status) === 'ended')
        await restartWhenDue(inspect).catch((error: unknown) => log('restart-failed', { container: Id, reason: wordsOf(error) }))
    }
  }

  async function run(): Promise<void> {
    while (!closed.aborted) {
      try {
        if (!(await isPodman())) return
        await pass()
      } catch (error) {
        log('restarts-not-looked-at', { reason: wordsOf(error) })
      }
      await sleep(LOOK_EVERY, undefined, { signal: closed, ref: false }).catch(() => undefined)
    }
  }
  return {
    /** Begins to look after restarts, once. */
    wake(): void {
      if (awake) return
      awake = true
      void run()
    },
    /** Will this ended container be started again? */
    willRestart: async (inspect: ContainerInspect): Promise<boolean> =>
      isOurs(inspect) && !(await stoppedWorkloads()).has(inspect.Config.Labels[LABEL.workload] ?? ''),
    /** Its end is wanted from now on. */
    async stopped(ref: WorkloadRef, labels: Readonly<Record<string, string>>): Promise<void> {
      if (!(await isPodman())) return
      const Labels = { ...labels, [LABEL.workload]: ref.name, [LABEL.volume]: 'stopped' }
      await within('change', (abortSignal) => docker.createVolume({ Name: `${ref.name}-stopped`, Labels, abortSignal })).catch((error: unknown) => {
        if (!/already exists/i.test(wordsOf(error))) throw error // Podman's answer to a second one; Docker keeps the first
      })
    },
  }
}
export type Supervisor = ReturnType<typeof supervisor>
