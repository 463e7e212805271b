import { engineApi, engineEndpoint } from './engine.ts'
import { bringImages } from './images.ts'
import type { Making, World } from './world.ts'

/** Docker or Podman: the machine's, else one that the server brings. */
export const docker = ({ told, signal, cleanups }: Making, flags: readonly string[]): World => ({
  flags,
  bringImages: async ({ client, said }) => {
    const images = await bringImages(engineApi(await engineEndpoint(client, said, signal)), told, signal)
    // Containers hold images: these go once the server has removed its containers. A private engine is gone by then, with all in it.
    cleanups.splice(cleanups.length - 1, 0, () => images.remove().catch(() => undefined))
    return images
  },
  toTry: [],
})
