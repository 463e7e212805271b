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
  const parts: { -readonly [K in keyof FaultScene]?: FaultScene[K] } = {}
  const scene = opened<FaultScene>(parts)
  beforeAll(async () => {
    const world = (parts.world = await kubeWorld(role))
    if (proxied) parts.proxy = await kubeProxy(world)
    const { kubeconfig } = parts.proxy ?? world
    parts.house = await openHouse({ engine: { kubeconfig }, flags: flags(world) })
    parts.work = await load(await parts.house.project())
  })
  beforeEach(async () => {
    const { world, house } = scene
    onTestFailed(() => repair(world.cluster))
    onTestFailed(() => void process.stderr.write(house.logs()))
    tellOnFailure(world)
    parts.proxy?.heal()
    if (!house.server.alive()) await house.start() // a test that failed may have left it dead
  })
  afterAll(async () => {
    parts.proxy?.heal()
    await parts.house?.close()
    await parts.proxy?.close()
    await parts.world?.close()
  })
  return scene
}

export interface EngineScene {
  readonly engine: TestEngine
  readonly house: House
  readonly project: ProjectHandle
}

/** A container engine, a server on it and a project, for the tests of one file. Call at the top of the file; use inside tests and hooks. */
export function engineScene(): EngineScene {
  const parts: { -readonly [K in keyof EngineScene]?: EngineScene[K] } = {}
  const scene = opened<EngineScene>(parts)
  beforeAll(async () => {
    parts.engine = await startTestEngine()
    parts.house = await openHouse({ engine: parts.engine })
    parts.project = await parts.house.project()
  })
  beforeEach(() => onTestFailed(() => void process.stderr.write(scene.house.logs())))
  afterAll(async () => {
    await parts.house?.close()
    await parts.engine?.close()
  })
  return scene
}
