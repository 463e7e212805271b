import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Docker from 'dockerode'
import { startPrivateEngine } from '../../packages/server/src/engines/docker/private/start-private-engine.ts'
import { silentLog } from '../../packages/server/src/supervise/log.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { buildTestImage, cacheFolder, testImageName } from '../../testbed/images/index.ts'

/** Busybox with all its applets; loaded, never pulled. */
export const IMAGE = testImageName()

const RUN_LABEL = 'davit.dev/run'

export interface TestEngine {
  readonly socketPath: string
  readonly docker: Docker
  /** Names of the containers that were started for a run, one for each start. */
  startsOf(runId: string): Promise<readonly string[]>
  /** Ids of containers that exist for a run. */
  containersOf(runId: string): Promise<readonly string[]>
  /** Names of volumes that exist for a run. */
  volumesOf(runId: string): Promise<readonly string[]>
  /** The daemon hangs: it takes connections and answers nothing. */
  pause(): Promise<void>
  resume(): Promise<void>
  close(): Promise<void>
}

/** Puts a test image into an engine. */
export async function loadImage(docker: Docker, kind?: Parameters<typeof buildTestImage>[0]): Promise<void> {
  for await (const _ of await docker.loadImage(Readable.from([(await buildTestImage(kind)).tar]))) continue
}

interface StartEvent {
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> }
}

/** Every start of a container that the engine tells of, from now on. */
async function followStarts(docker: Docker): Promise<{ readonly seen: readonly StartEvent[]; stop(): void }> {
  const stream = (await docker.getEvents({ filters: JSON.stringify({ type: ['container'], event: ['start'] }) })) as Readable // dockerode's own type is the bare interface
  const seen: StartEvent[] = []
  let rest = ''
  stream.on('error', () => undefined) // the engine ends with the tests
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    seen.push(...lines.filter(Boolean).map((line) => JSON.parse(line) as StartEvent))
  })
  return { seen, stop: () => void stream.destroy() }
}

/** A dockerd of the tests' own with the test image in it; it sees what servers do to it. */
export async function startTestEngine(): Promise<TestEngine> {
  const dir = await mkdtemp('/tmp/dv-e2e-')
  const engine = await startPrivateEngine({ dir: join(dir, 'e'), cacheDir: cacheFolder(), log: silentLog })
  const { socketPath } = engine
  const docker = new Docker({ socketPath })
  await loadImage(docker)
  const starts = await followStarts(docker)
  const namesOf = (runId: string) => starts.seen.filter(({ Actor }) => Actor.Attributes[RUN_LABEL] === runId).map(({ Actor }) => Actor.Attributes['name'] ?? '')
  const filters = (runId: string) => ({ label: [`${RUN_LABEL}=${runId}`] })
  return {
    socketPath,
    docker,
    startsOf: async (runId) => {
      await waitUntil(() => namesOf(runId).length > 0, { timeout: 5_000, every: 20 })
      return namesOf(runId)
    },
    containersOf: async (runId) => (await docker.listContainers({ all: true, filters: filters(runId) })).map(({ Id }) => Id),
    volumesOf: async (runId) => (await docker.listVolumes({ filters: JSON.stringify(filters(runId)) })).Volumes.map(({ Name }) => Name),
    pause: async () => void process.kill(engine.pid, 'SIGSTOP'),
    resume: async () => void process.kill(engine.pid, 'SIGCONT'),
    close: async () => {
      starts.stop()
      await engine.destroy()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
