import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './ground.mjs'

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Our own pid when the lock has just been given back: somebody alive, so that the caller only tries again. */
const holderOf = (file) => {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return process.pid
  }
}

/** Takes the lock file, whose content is the holder's pid; false when a living process has it. A dead holder's lock is removed. */
const take = (file) => {
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    // A link appears with its content in one step: nobody ever reads half a lock.
    linkSync(mine, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  } finally {
    rmSync(mine, { force: true })
  }
  if (!isAlive(holderOf(file))) rmSync(file, { force: true })
  return false
}

/** Does `work` while holding the lock file; waits for whoever holds it, saying so. */
export const withLock = async (file, work) => {
  let told = false
  while (!take(file)) {
    if (!told) say('another launch is installing; waiting for it')
    told = true
    await sleep(200)
  }
  const release = () => rmSync(file, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    release()
    process.off('exit', release)
  }
}
