import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withLock } from './lock-file.ts'
import { makeFolder } from './open-folder.ts'

export interface BuildOnce {
  /** The folder that is there whole or not at all. */
  readonly target: string
  /** Fills an empty folder, which then takes the place of `target`. */
  readonly build: (folder: string) => Promise<void>
  readonly signal?: AbortSignal | undefined
  /** Called when another process builds it now. */
  readonly onWait?: (pid: number) => void
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Removes what builders that were killed left. Only called by the holder of the lock. */
const clearHalves = async (target: string): Promise<void> => {
  const prefix = `${basename(target)}.half-`
  const names = await readdir(dirname(target))
  await Promise.all(names.filter((name) => name.startsWith(prefix)).map((name) => rm(join(dirname(target), name), { recursive: true, force: true })))
}

/** Makes a folder once for all processes: one builds, the others wait for it. A kill in the middle leaves no `target`. */
export const buildOnce = async ({ target, build, signal, onWait }: BuildOnce): Promise<void> => {
  if (await exists(target)) return
  await makeFolder(dirname(target))
  await withLock(
    `${target}.lock`,
    async () => {
      if (await exists(target)) return
      await clearHalves(target)
      const half = `${target}.half-${randomUUID()}`
      try {
        await mkdir(half, { mode: 0o755 })
        await build(half)
        await rename(half, target)
      } finally {
        await rm(half, { recursive: true, force: true })
      }
    },
    { signal, onWait: (holder) => onWait?.(holder.pid) },
  )
}
