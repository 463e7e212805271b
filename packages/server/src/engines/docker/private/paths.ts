import { createHash } from 'node:crypto'
import { join } from 'node:path'

export interface EnginePaths {
  readonly dir: string
  /** Images, containers, volumes. */
  readonly data: string
  /** Sockets and pid files; `dir`, or a short folder when `dir` is too long for socket paths. */
  readonly run: string
  readonly exec: string
  readonly socket: string
  readonly pidFile: string
  readonly log: string
  readonly containerdLog: string
  /** What must stay the same from start to start. */
  readonly record: string
}

/** The longest socket that dockerd makes below its folder, and the limit it checks it against. */
const LONGEST_SOCKET = 'exec/containerd/containerd-debug.sock'
const SOCKET_LIMIT = 104

/** Where things of a private engine lie. Pure. */
export const enginePaths = (dir: string): EnginePaths => {
  const fits = Buffer.byteLength(join(dir, LONGEST_SOCKET)) <= SOCKET_LIMIT
  const run = fits ? dir : `/run/davit-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`
  return {
    dir,
    data: join(dir, 'data'),
    run,
    exec: join(run, 'exec'),
    socket: join(run, 'docker.sock'),
    pidFile: join(run, 'dockerd.pid'),
    log: join(dir, 'dockerd.log'),
    containerdLog: join(dir, 'containerd.log'),
    record: join(dir, 'engine.json'),
  }
}
