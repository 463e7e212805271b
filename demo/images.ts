import { buildTestImage, testImageName } from '../testbed/images/index.ts'
import type { EngineApi } from './engine.ts'
import type { Narrator } from './narrator.ts'

/** How long a registry may take with `hello-world`; without one the story goes on with the image made here. */
const PULL_MS = 8_000
const HELLO = 'hello-world:latest'

export interface DemoImages {
  /** A shell and the usual tools, made here from nothing. */
  readonly tools: string
  /** `hello-world:latest`; undefined where no registry can be reached in time. Settles by itself. */
  readonly hello: Promise<string | undefined>
  /** Removes from the engine what was not there before. */
  remove(): Promise<void>
}

/** Brings the images of the story into the engine. */
export const bringImages = async (engine: EngineApi, { say }: Narrator, signal: AbortSignal): Promise<DemoImages> => {
  const tools = testImageName('busybox')
  const added: string[] = []
  if (!(await engine.hasImage(tools))) {
    added.push(tools)
    const { tar } = await buildTestImage('busybox', { say })
    await engine.loadImage(tar)
    say(`made the image ${tools} from nothing and loaded it (${(tar.length / 1e6).toFixed(1)} MB)`)
  }
  const pull = async (): Promise<string | undefined> => {
    if (await engine.hasImage(HELLO)) return HELLO
    const pulled = await engine.pullImage(HELLO, AbortSignal.any([signal, AbortSignal.timeout(PULL_MS)]))
    if (pulled) added.push(HELLO)
    return pulled ? HELLO : undefined
  }
  const hello = pull().catch(() => undefined)
  return {
    tools,
    hello,
    remove: async () => {
      await hello
      for (const name of added) await engine.removeImage(name)
    },
  }
}
