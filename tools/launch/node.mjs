import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchError, root } from './ground.mjs'

/** What the packages need: Node's own type stripping, and zod, commander and kysely as locked. */
const NEEDED = [22, 19]

/** Whether a version such as `24.1.0` is at least NEEDED. */
export const isEnough = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

/** The Node that the lockfile brings for this platform, else the running one if it is new enough. */
export const nodeBinary = () => {
  const brought = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(brought)) return brought
  if (isEnough(process.versions.node)) return process.execPath
  const platform = `${process.platform}-${process.arch}`
  throw new LaunchError(
    `Node.js ≥ ${NEEDED.join('.')} is needed; this is ${process.versions.node}, and the lockfile brings none for ${platform}`,
    'install Node.js 24, then start this again',
  )
}
