import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, say } from './ground.mjs'
import { withLock } from './lock.mjs'
import { npmCi } from './npm.mjs'

const stamp = join(root, 'node_modules', '.davit-stamp')
const folder = join(root, '.davit')

const readOr = (file, otherwise) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}

/** Whether what npm says is installed is what the lockfile asks for: somebody ran `npm ci` by hand. */
const installedByHand = (lockText) => {
  const installed = JSON.parse(readOr(join(root, 'node_modules', '.package-lock.json'), '{}')).packages
  if (!installed) return false
  const wanted = JSON.parse(lockText).packages
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (!path.startsWith('node_modules/') || link) return true
    return installed[path] ? installed[path].version === version : optional === true
  })
}

const isInstalled = (lockText, hash) => {
  if (readOr(stamp, '').trim() === hash) return true
  if (!installedByHand(lockText)) return false
  writeFileSync(stamp, `${hash}\n`)
  return true
}

/** Installs the locked dependencies, unless node_modules already holds them. Two launches never install at once. */
export const install = async () => {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const hash = createHash('sha256').update(lockText).digest('hex')
  if (isInstalled(lockText, hash)) return
  mkdirSync(folder, { recursive: true })
  await withLock(join(folder, 'install.lock'), async () => {
    if (isInstalled(lockText, hash)) return
    const log = join(folder, 'install.log')
    say(`installing the locked dependencies (npm ci; details in ${relative(process.cwd(), log)})`)
    const startedAt = performance.now()
    await npmCi(log)
    writeFileSync(stamp, `${hash}\n`)
    say(`installed in ${Math.round((performance.now() - startedAt) / 1000)} s`)
  })
}
