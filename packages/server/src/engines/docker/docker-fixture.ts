import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { silentLog } from '#supervise/log.ts'
// oxlint-disable-next-line no-restricted-imports -- the testbed is no package: it has no other name
import { buildTestImage, cacheFolder, testImageName } from '../../../../../testbed/images/index.ts'
import type { EngineFixture } from '../conformance.ts'
import { eventually } from '../conformance/subject.ts'
import { LABEL } from './labels.ts'
import { dockerEngine } from './engine.ts'
import { startPrivateEngine } from './private/start-private-engine.ts'

/** A private dockerd with the test images, and engines that talk to it. For tests. */
export async function dockerFixture(): Promise<EngineFixture & { readonly docker: Docker; readonly socketPath: string; readonly daemonPid: () => number }> {
  const dir = await mkdtemp('/tmp/davit-engine-')
  const daemon = await startPrivateEngine({ dir: join(dir, 'e'), cacheDir: cacheFolder(), log: silentLog })
  const { socketPath } = daemon
  const docker = new Docker({ socketPath })
  for (const kind of ['busybox', 'entrypoint'] as const) await drain(await docker.loadImage(Readable.from([(await buildTestImage(kind)).tar])))
  const engines = {
    engine: dockerEngine({ endpoint: { socketPath }, installation: 'conformance' }),
    other: dockerEngine({ endpoint: { socketPath }, installation: 'elsewhere' }),
    unreachable: dockerEngine({ endpoint: { socketPath: join(dir, 'nobody.sock') }, installation: 'conformance' }),
  }
  const answers = (): Promise<boolean> =>
    docker.ping().then(
      () => true,
      () => false,
    )
  return {
    ...engines,
    docker,
    socketPath,
    daemonPid: () => daemon.pid,
    images: { shell: testImageName(), entrypoint: testImageName('entrypoint'), missing: 'localhost:1/davit/missing:1' },
    crash: async (name) => {
      // With an init as process 1 its only child is the container's own process; the init passes on how that ended.
      const { State } = await docker.getContainer(name).inspect()
      process.kill((await childOf(State.Pid)) ?? State.Pid, 'SIGKILL')
    },
    leftovers: async ({ runId }) => {
      const filters = { label: [`${LABEL.run}=${runId}`] }
      const containers = await docker.listContainers({ all: true, filters })
      const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) })
      return [...containers.map(({ Id }) => Id), ...Volumes.map(({ Name }) => Name)]
    },
    restart: async (signalled) => {
      const before = daemon.pid
      const pid = signalled === undefined ? undefined : (await docker.getContainer(signalled).inspect()).State.Pid
      process.kill(before, 'SIGKILL')
      if (pid !== undefined) process.kill(pid, 'SIGUSR1')
      await eventually(
        async () => daemon.pid !== before && (await answers()),
        (back) => back,
      )
    },
    close: async () => {
      for (const engine of Object.values(engines)) await engine.close()
      await daemon.destroy()
      await promisify(execFile)('rm', ['-rf', dir])
      await sleep(0)
    },
  }
}

async function childOf(pid: number): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)('cat', [`/proc/${pid}/task/${pid}/children`])
  const [child] = stdout.trim().split(/\s+/).filter(Boolean)
  return child === undefined ? undefined : Number(child)
}

async function drain(stream: NodeJS.ReadableStream): Promise<void> {
  for await (const _ of stream) continue
}
