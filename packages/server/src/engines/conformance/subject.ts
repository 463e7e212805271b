import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Applied, Engine, Refusal, WorkloadRef } from '#domain/engine.ts'
import type { Observation, PresentObservation } from '#domain/observation.ts'
import { PLAIN } from '#domain/testing/plain-workload.ts'
import { refOf, type Secrets, type Workload } from '#domain/workload.ts'

/** What a suite needs of one kind of engine. */
export interface EngineFixture {
  readonly engine: Engine
  /** The same machine, another installation: what is its own is foreign to `engine`. */
  readonly other: Engine
  /** Nobody answers where this one asks. */
  readonly unreachable: Engine
  readonly images: {
    /** Holds a shell and the usual small programs. */
    readonly shell: string
    /** ENTRYPOINT `echo entrypoint`, CMD `cmd`. */
    readonly entrypoint: string
    /** Exists nowhere, and its registry says so or cannot be reached. */
    readonly missing: string
  }
  /** Kills a container's process as the kernel would. */
  readonly crash: (container: string) => Promise<void>
  /** What the machine still holds of a run: names of containers and volumes. */
  readonly leftovers: (ref: WorkloadRef) => Promise<readonly string[]>
  /** Makes what a `shared_volume` of a project mounts, where the engine wants it to exist before. */
  readonly share?: (project: string, claim: string) => Promise<void>
  /** The engine dies without warning and comes back; while it is dead that container gets SIGUSR1. Absent: it cannot, it is part of this process. */
  readonly restart?: (signalled?: string) => Promise<void>
  readonly close: () => Promise<void>
}

const PATIENCE_MS = 60_000
const never = (): AbortSignal => new AbortController().signal
const newId = (): string => randomBytes(8).toString('hex')

/** Asks again until the answer is there. Throws with the last answer after a minute. */
export async function eventually<T, S extends T>(ask: () => Promise<T>, good: (answer: T) => answer is S, patienceMs?: number): Promise<S>
export async function eventually<T>(ask: () => Promise<T>, good: (answer: T) => boolean, patienceMs?: number): Promise<T>
export async function eventually<T>(ask: () => Promise<T>, good: (answer: T) => boolean, patienceMs = PATIENCE_MS): Promise<T> {
  for (const until = Date.now() + patienceMs; ; await sleep(50)) {
    const answer = await ask()
    if (good(answer)) return answer
    if (Date.now() > until) throw new Error(`still not as expected: ${JSON.stringify(answer)}`)
  }
}

export { refOf } from '#domain/workload.ts'

const hasEnded = (seen: Observation): seen is PresentObservation => seen.phase === 'ended'
export const isRunning = (seen: Observation): seen is PresentObservation =>
  seen.phase === 'running' && seen.containers.every(({ state }) => state === 'running')
const isReady = (seen: Observation): seen is PresentObservation => isRunning(seen) && seen.containers.every(({ ready }) => ready)

/** The words in which the suite's cases are written. */
export function subject(fixture: EngineFixture) {
  const { engine, images } = fixture
  const project = `conform-${newId().slice(0, 6)}`
  const made: Workload[] = []

  const workload = (wanted: Partial<Workload> = {}): Workload => {
    const runId = wanted.runId ?? newId()
    const attempt = wanted.attempt ?? 1
    const whole: Workload = {
      ...PLAIN,
      name: `davit-${runId}-${attempt}`,
      runId,
      attempt,
      project,
      functionName: 'conformance',
      image: images.shell,
      graceSeconds: 10,
      ...wanted,
    }
    made.push(whole)
    return whole
  }
  const script = (text: string, wanted: Partial<Workload> = {}): Workload => workload({ command: ['sh', '-c', text], ...wanted })

  /** Applies until the engine has it or refuses it. */
  const apply = (wanted: Workload, secrets: Secrets = {}): Promise<Applied> =>
    eventually(
      () => engine.apply(wanted, secrets, never()),
      (applied) => 'refused' in applied || applied.done,
    )
  const started = async (wanted: Workload, secrets: Secrets = {}): Promise<Workload> => {
    const applied = await apply(wanted, secrets)
    if ('refused' in applied) throw new Error(`refused: ${JSON.stringify(applied.refused)}`)
    return wanted
  }
  const observe = (wanted: Workload): Promise<Observation> => engine.observe(refOf(wanted))
  const ended = (wanted: Workload): Promise<PresentObservation> => eventually(() => observe(wanted), hasEnded)
  /** The engine's name for a replica's container, once it was started. */
  const containerName = async (wanted: Workload, replica = 0): Promise<string> => {
    const named = (seen: Observation) =>
      seen.phase === 'absent' ? undefined : seen.containers.find((one) => one.replica === replica && one.startedAt !== undefined)
    const seen = await eventually(
      () => observe(wanted),
      (one) => named(one) !== undefined,
    )
    return named(seen)?.name ?? 'none'
  }
  /** What keeps a workload from running: refused at once, or by what is seen of it soon after. It is removed then. */
  const refused = async (wanted: Workload, secrets: Secrets = {}): Promise<Refusal> => {
    const applied = await apply(wanted, secrets)
    if ('refused' in applied) return applied.refused
    const seen = await eventually(
      () => observe(wanted),
      (one): one is PresentObservation => one.phase !== 'absent' && one.trouble !== undefined,
    )
    await engine.remove(refOf(wanted), { volumes: true })
    return { code: 'config-refused', evidence: [], ...seen.trouble }
  }
  const log = async (wanted: Workload, { replica = 0, follow = false }: { replica?: number; follow?: boolean } = {}): Promise<Buffer> => {
    const name = await containerName(wanted, replica)
    return Buffer.concat(await Array.fromAsync(engine.logs(refOf(wanted), name, { follow, signal: never() })))
  }
  return {
    ...fixture,
    project,
    workload,
    script,
    apply,
    started,
    observe,
    ended,
    refused,
    containerName,
    log,
    running: (wanted: Workload): Promise<PresentObservation> => eventually(() => observe(wanted), isRunning),
    ready: (wanted: Workload): Promise<PresentObservation> => eventually(() => observe(wanted), isReady),
    /** Runs to the end: its first container, and what it wrote. */
    async run(wanted: Workload, secrets: Secrets = {}) {
      await started(wanted, secrets)
      const [container] = (await ended(wanted)).containers
      if (!container) throw new Error('an observation without containers')
      return { container, text: (await log(wanted)).toString() }
    },
    /** Removes whatever the cases made. */
    async clean(): Promise<void> {
      for (const wanted of made.splice(0).reverse()) await engine.remove(refOf(wanted), { volumes: true })
    },
  }
}
export type Subject = ReturnType<typeof subject>
