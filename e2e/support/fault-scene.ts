import type { ProjectHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, onTestFailed } from 'vitest'
import { type House, openHouse } from './house.ts'
import { type Load, load } from './kube-load.ts'
import { type KubeProxy, kubeProxy } from './kube-proxy.ts'
import { type KubeWorld, kubeWorld, repair, tellOnFailure } from './kube-world.ts'
import { opened } from './opened.ts'
import { startTestEngine, type TestEngine } from './test-engine.ts'

export interface FaultSceneOptions {
  /** `cluster`: may make namespaces too. Default: everything in one. */
  readonly role?: 'namespace' | 'cluster'
  /** The server reaches the cluster through a proxy that fails on demand. */
  readonly proxied?: boolean
  readonly flags?: (world: KubeWorld) => readonly string[]
}

/** A cluster to break, a server on it and work for it. */
export interface FaultScene {
  readonly world: KubeWorld
  /** Where `proxied` was asked for. */
  readonly proxy: KubeProxy
  readonly house: House
  readonly work: Load
}

/**
 * The scene for the tests of one file: what a failed test leaves broken is put right before the next, and it shows the server's log and
 * what the cluster has. Call at the top of the file; use inside tests and hooks.
 */
export function faultScene({ role = 'namespace', proxied = false, flags = () => [] }: FaultSceneOptions = {}): FaultScene {
  const scene: { world?: KubeWorld; proxy?: KubeProxy; house?: House; work?: Load } = {}
  beforeAll(async () => {
    scene.world = await kubeWorld(role)
    if (proxied) scene.proxy = await kubeProxy(scene.world)
    const { kubeconfig } = scene.proxy ?? scene.world
    scene.house = await openHouse({ engine: { kubeconfig }, flags: flags(scene.world) })
    scene.work = await load(await scene.house.project())
  })
  beforeEach(async () => {
    const [world, house] = [opened(scene.world), opened(scene.house)]
    onTestFailed(() => repair(world.cluster))
    onTestFailed(() => void process.stderr.write(house.logs()))
    tellOnFailure(world)
    scene.proxy?.heal()
    if (!house.server.alive()) await house.start() // a test that failed may have left it dead
  })
  afterAll(async () => {
    scene.proxy?.heal()
    await scene.house?.close()
    await scene.proxy?.close()
    await scene.world?.close()
  })
  return {
    get world() {
      return opened(scene.world)
    },
    get proxy() {
      return opened(scene.proxy)
    },
    get house() {
      return opened(scene.house)
    },
    get work() {
      return opened(scene.work)
    },
  }
}

export interface EngineScene {
  readonly engine: TestEngine
  readonly house: House
  readonly project: ProjectHandle
}

/** A container engine, a server on it and a project, for the tests of one file. Call at the top of the file; use inside tests and hooks. */
export function engineScene(): EngineScene {
  const scene: { engine?: TestEngine; house?: House; project?: ProjectHandle } = {}
  beforeAll(async () => {
    scene.engine = await startTestEngine()
    scene.house = await openHouse({ engine: scene.engine })
    scene.project = await scene.house.project()
  })
  beforeEach(() => onTestFailed(() => void process.stderr.write(opened(scene.house).logs())))
  afterAll(async () => {
    await scene.house?.close()
    await scene.engine?.close()
  })
  return {
    get engine() {
      return opened(scene.engine)
    },
    get house() {
      return opened(scene.house)
    },
    get project() {
      return opened(scene.project)
    },
  }
}
