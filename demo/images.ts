import { buildTestImage, testImageName } from '../testbed/images/index.ts'
import type { EngineApi } from './engine.ts'
import type { Narrator } from './narrator.ts'
import type { DemoImages } from './world.ts'

/** How long a registry may take with `hello-world`; without one the story goes on with the image made here. */
const PULL_MS = 8_000
export const HELLO = 'hello-world:latest'

/** The image of the story, made here from nothing; says so when it is done. */
export const makeTools = async ({ say }: Narrator): Promise<{ readonly name: string; readonly tar: Buffer }> => {
  const name = testImageName('busybox')
  const { tar } = await buildTestImage('busybox', { say })
  say(`made the image ${name} from nothing (${(tar.length / 1e6).toFixed(1)} MB)`)
  return { name, tar }
}

/** Brings the images of the story into a Docker engine. */
export const bringImages = async (engine: EngineApi, told: Narrator, signal: AbortSignal): Promise<DemoImages> => {
  const tools = testImageName('busybox')
  const added: string[] = []
  if (!(await engine.hasImage(tools))) {
    added.push(tools)
    await engine.loadImage((await makeTools(told)).tar)
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
