import { readFile } from 'node:fs/promises'
import { dockerArchive, tarOf } from '../images/archive.ts'
import { buildTestImage } from '../images/index.ts'

/** What holds a pod's namespaces. */
export const PAUSE_IMAGE = 'localhost/davit/pause:1'

/** The images that every node has: pause and the test images, as docker-archives. */
export const nodeImages = async (pause: string): Promise<readonly Buffer[]> => {
  const layer = await tarOf([{ name: 'pause', mode: 0o755, body: await readFile(pause) }])
  const { tar } = await dockerArchive(PAUSE_IMAGE, layer, { Entrypoint: ['/pause'] })
  const tests = [await buildTestImage('busybox'), await buildTestImage('entrypoint')]
  return [tar, ...tests.map((image) => image.tar)]
}
