import { buildTestImage } from '../../testbed/images/index.ts'
import { isOwn, STORAGE_CLASS } from '../../testbed/kubernetes/index.ts'
import type { HouseOptions } from './house.ts'
import { kubePlace } from './kube-house.ts'
import { IMAGE, loadImage, startTestEngine } from './test-engine.ts'

/** An engine that is there, with the images of the SDK's checks in it. */
export interface StartedEngine {
  /** How a server is started on it. */
  readonly house: HouseOptions
  /** A shell, as runs name it. */
  readonly image: string
  close(): Promise<void>
}

/** An engine that stories are told on, without knowing which it is. */
export interface EngineUnderTest {
  readonly name: string
  start(): Promise<StartedEngine>
}

const docker: EngineUnderTest = {
  name: 'docker',
  async start() {
    const engine = await startTestEngine()
    for (const kind of ['hello', 'streamlit'] as const) await loadImage(engine.docker, kind)
    return { house: { engine: { socketPath: engine.socketPath } }, image: IMAGE, close: engine.close }
  },
}

const kubernetes: EngineUnderTest = {
  name: 'kubernetes',
  async start() {
    const place = await kubePlace()
    if (isOwn(place.cluster)) for (const kind of ['hello', 'streamlit'] as const) await place.cluster.load((await buildTestImage(kind)).tar)
    // The mission's example selects such nodes; Docker only notes that it has none.
    await place.cluster.kubectl(['label', 'nodes', '--all', '--overwrite', 'disk=ssd'])
    const close = async (): Promise<void> => {
      await place.cluster.kubectl(['label', 'nodes', '--all', 'disk-'])
      await place.close()
    }
    const flags = ['--namespace', place.namespace, '--default-storage-class', STORAGE_CLASS]
    return { house: { engine: { kubeconfig: place.kubeconfig }, flags }, image: IMAGE, close }
  },
}

/** What stories can be told on. A new engine is a row here. */
export const ENGINES = { docker, kubernetes } as const satisfies Record<string, EngineUnderTest>
