import { isAbsolute, join } from 'node:path'

export interface Folders {
  /** What must outlive the server: database, engine, keys. */
  readonly data: string
  /** What can be fetched or made again: unpacked binaries. */
  readonly cache: string
}

export interface FolderInputs {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Undefined where the system has no users (Windows). */
  readonly uid: number | undefined
  /** Home folder of the user. */
  readonly home: string
}

const SYSTEM: Folders = { data: '/var/lib/davit', cache: '/var/cache/davit' }

/** Relative values are ignored, as the XDG base directory rules ask. */
const absolute = (path: string | undefined): string | undefined => (path !== undefined && isAbsolute(path) ? path : undefined)

/** Default folders: the system's for root, else the user's by the XDG rules. Pure: touches no disk. */
export const defaultFolders = ({ env, uid, home }: FolderInputs): Folders => {
  if (uid === 0) return SYSTEM
  const user = absolute(env['HOME']) ?? home
  return {
    data: join(absolute(env['XDG_DATA_HOME']) ?? join(user, '.local/share'), 'davit'),
    cache: join(absolute(env['XDG_CACHE_HOME']) ?? join(user, '.cache'), 'davit'),
  }
}
