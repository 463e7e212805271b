import type { Refusal } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import * as z from 'zod'
import { broadcast } from '../mailbox.ts'
import { type ImageName, pullTarget } from '../image-name.ts'
import { type DockerClient, statusOf, wordsOf } from './client.ts'
import { lines } from './lines.ts'
import { pullRefusal } from '#engines/engine-words.ts'

const Progress = z.looseObject({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).nullish(),
})
type Progress = z.infer<typeof Progress>

/** Where a pull stands, layer by layer. */
type Layers = Map<string, { readonly done: boolean; readonly current: number; readonly total: number }>

interface Pull {
  readonly layers: Layers
  /** Workload name → run id: who waits for it. */
  readonly wanted: Map<string, string>
}

/** How the last pull for a workload ended. `broken`: the engine went away meanwhile; nothing is known of the image. */
export type PullOutcome = { readonly pulled: true } | { readonly refused: Refusal } | { readonly broken: unknown }

const LAYER_DONE = /^(?:Pull complete|Already exists)/
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e5) / 10} MB`

/** `nginx:1: 3 of 7 layers, 41 MB of 120 MB`. */
export function progressText(image: string, layers: Layers): string {
  const all = [...layers.values()]
  if (all.length === 0) return `fetching ${image}`
  const sum = (key: 'current' | 'total'): number => all.reduce((total, layer) => total + layer[key], 0)
  const amount = sum('total') > 0 ? `, ${megabytes(sum('current'))} of ${megabytes(sum('total'))}` : ''
  return `fetching ${image}: ${all.filter(({ done }) => done).length} of ${all.length} layers${amount}`
}

/** Takes one line of progress in. */
export function note(layers: Layers, { id, status = '', progressDetail }: Progress): void {
  if (id === undefined || status.startsWith('Pulling from')) return
  const before = layers.get(id) ?? { done: false, current: 0, total: 0 }
  const done = before.done || LAYER_DONE.test(status)
  const isDownload = status === 'Downloading'
  const total = isDownload ? (progressDetail?.total ?? before.total) : before.total
  layers.set(id, { done, total, current: done ? total : isDownload ? (progressDetail?.current ?? before.current) : before.current })
}

/** Pulls images in the background: one pull an image, however many ask. `ended` tells the run ids that waited. */
export function pulls(client: DockerClient, log: (event: string, fields: object) => void) {
  const running = new Map<string, Pull>()
  const outcomes = new Map<string, PullOutcome>()
  const ended = broadcast<string>()
  const stop = new AbortController()

  async function run(image: string, name: ImageName, pull: Pull): Promise<void> {
    const outcome = await pullImage(client, { name, layers: pull.layers, signal: stop.signal })
    running.delete(image)
    if (!('pulled' in outcome)) log('pull-failed', { image, reason: 'refused' in outcome ? outcome.refused.evidence : wordsOf(outcome.broken) })
    for (const [workload, runId] of pull.wanted) {
      outcomes.set(workload, outcome)
      ended.send(runId)
    }
  }
  return {
    ended: ended.listen,
    /** Starts or joins the pull that this workload needs; how far it is. */
    ask({ image, name: workload, runId }: Workload, name: ImageName): string {
      const pull = running.get(image) ?? { layers: new Map(), wanted: new Map() }
      pull.wanted.set(workload, runId)
      if (!running.has(image)) {
        running.set(image, pull)
        void run(image, name, pull)
      }
      return progressText(image, pull.layers)
    },
    /** Is a pull under way that this workload waits for? How far it is. */
    progress({ image, name }: Workload): string | undefined {
      const pull = running.get(image)
      return pull?.wanted.has(name) ? progressText(image, pull.layers) : undefined
    },
    /** How the pull for a workload ended; undefined: none ended yet. */
    outcome: (workload: string): PullOutcome | undefined => outcomes.get(workload),
    forget: (workload: string): void => void outcomes.delete(workload),
    close: (): void => stop.abort(),
  }
}
export type Pulls = ReturnType<typeof pulls>

interface PullRequest {
  readonly name: ImageName
  readonly layers: Layers
  readonly signal: AbortSignal
}

/** Podman reports a failed pull inside a successful answer, so every line is looked at. */
async function pullImage({ docker }: DockerClient, { name, layers, signal }: PullRequest): Promise<PullOutcome> {
  try {
    const stream = await docker.createImage({ ...pullTarget(name), abortSignal: signal })
    let failure: string | undefined
    for await (const line of lines(stream)) {
      const progress = Progress.parse(JSON.parse(line))
      failure ??= progress.error
      note(layers, progress)
    }
    return failure === undefined ? { pulled: true } : { refused: pullRefusal(failure) }
  } catch (error) {
    return statusOf(error) === undefined ? { broken: error } : { refused: pullRefusal(wordsOf(error)) }
  }
}
