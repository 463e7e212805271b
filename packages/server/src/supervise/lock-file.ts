import { createHash, randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { isAlive, type ProcessIdentity, self } from './process-identity.ts'
import { sleep } from './wait-until.ts'

export interface LockHolder extends ProcessIdentity {
  /** Where the holder answers, when it has said so. */
  readonly url?: string
  /** Tells two locks of one process apart. */
  readonly token: string
}

export interface LockFile {
  readonly path: string
  /** Writes the address into the lock, for whoever finds it taken. */
  setUrl(url: string): Promise<void>
  release(): Promise<void>
}

export type LockAttempt = { readonly lock: LockFile } | { readonly holder: LockHolder }

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code

const read = async (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  })

const Holder = z.object({ pid: z.number(), started: z.string(), url: z.string().exactOptional(), token: z.string() })

const parse = (text: string): LockHolder | undefined => {
  try {
    return Holder.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** A text that names no live process is nobody's lock. */
const liveHolder = (text: string): LockHolder | undefined => {
  const holder = parse(text)
  return holder && isAlive(holder) ? holder : undefined
}

const writeBeside = async (path: string, holder: LockHolder): Promise<string> => {
  const temporary = `${path}.${randomUUID()}`
  await writeFile(temporary, `${JSON.stringify(holder)}\n`, { mode: 0o644, flag: 'wx' })
  return temporary
}

const held = (path: string, mine: LockHolder): LockFile => ({
  path,
  setUrl: async (url) => rename(await writeBeside(path, { ...mine, url }), path),
  release: async () => {
    if (parse((await read(path)) ?? '')?.token === mine.token) await rm(path, { force: true })
  },
})

/** A file appears at `path` whole or not at all. False: there is one already. */
const linkNew = async (path: string, mine: LockHolder): Promise<boolean> => {
  const temporary = await writeBeside(path, mine)
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

/**
 * Replaces a lock whose holder is dead. Only one of several heirs may: the heir locks the right to inherit exactly this text (by the same
 * means, so that a dead heir is replaced too), looks again, and renames its own file over it. There is no moment without a lock.
 */
const inherit = async (path: string, stale: string, mine: LockHolder): Promise<boolean> => {
  const right = `${path}.${createHash('sha256').update(stale).digest('hex').slice(0, 12)}`
  const claim = await tryLock(right)
  if ('holder' in claim) return false
  try {
    if ((await read(path)) !== stale) return false
    await rename(await writeBeside(path, mine), path)
    return true
  } finally {
    await claim.lock.release()
  }
}

/** Takes the lock, or says who holds it. A holder that is dead, or whose pid another process wears now, holds nothing. */
export const tryLock = async (path: string): Promise<LockAttempt> => {
  const mine: LockHolder = { ...self(), token: randomUUID() }
  for (;;) {
    if (await linkNew(path, mine)) return { lock: held(path, mine) }
    const text = await read(path)
    if (text === undefined) continue
    const holder = liveHolder(text)
    if (holder) return { holder }
    if (await inherit(path, text, mine)) return { lock: held(path, mine) }
    await sleep(5)
  }
}

/** Runs `work` alone among all processes that ask for this lock; waits for its turn. */
export const withLock = async <T>(
  path: string,
  work: () => Promise<T>,
  { signal, onWait }: { signal?: AbortSignal | undefined; onWait?: (holder: LockHolder) => void } = {},
): Promise<T> => {
  for (let told = false; ; await sleep(50, signal)) {
    const attempt = await tryLock(path)
    if ('holder' in attempt) {
      if (!told) onWait?.(attempt.holder)
      told = true
      continue
    }
    try {
      return await work()
    } finally {
      await attempt.lock.release()
    }
  }
}
