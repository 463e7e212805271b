import { loadImage, IMAGE, startTestEngine } from './test-engine.ts'
import type { HouseOptions } from './house.ts'

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

/** A new engine is a row here; `DAVIT_TEST_ENGINES` (names with commas between, default `docker`) says which are tested. */
const ENGINES = { docker } as const satisfies Record<string, EngineUnderTest>
const isEngine = (name: string): name is keyof typeof ENGINES => Object.hasOwn(ENGINES, name)

export const enginesUnderTest = (wanted = process.env['DAVIT_TEST_ENGINES'] ?? 'docker'): readonly EngineUnderTest[] =>
  wanted.split(',').map((name) => {
    if (!isEngine(name)) throw new Error(`DAVIT_TEST_ENGINES names ${name}; there are ${Object.keys(ENGINES).join(', ')}`)
    return ENGINES[name]
  })
