import { statfs } from 'node:fs/promises'
import { type Check, fail, ok, warn } from './check.ts'

const NODE_NEEDED = [22, 19] as const
const WARN_BYTES = 5 * 2 ** 30
const FAIL_BYTES = 2 ** 29

/** Is this Node new enough? `version` is as `24.1.0`. */
export const checkNode = (version: string): Check => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [needMajor, needMinor] = NODE_NEEDED
  const enough = major > needMajor || (major === needMajor && minor >= needMinor)
  return enough ? ok('node', `v${version}`) : fail('node', `v${version}, needed is v${needMajor}.${needMinor} or later`, 'install a newer Node')
}

const inGiB = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** Is `free` bytes in `folder` enough for images, logs and a database? */
export const judgeDisk = (folder: string, free: number): Check => {
  const detail = `${inGiB(free)} free in ${folder}`
  if (free < FAIL_BYTES) return fail('disk', detail, 'make room: `davit ps -a` and `davit rm`, or remove images')
  return free < WARN_BYTES ? warn('disk', detail, 'images may need more; make room in time') : ok('disk', detail)
}

export const checkDisk = async (folder: string): Promise<Check> => {
  try {
    const { bavail, bsize } = await statfs(folder)
    return judgeDisk(folder, bavail * bsize)
  } catch (error) {
    return warn('disk', `cannot look at ${folder}: ${error instanceof Error ? error.message : String(error)}`, 'name the data folder of the server: --data DIR')
  }
}
