import { readFile } from 'node:fs/promises'

const LISTEN = '0A'

/** TCP ports that something listens on, from the text of `/proc/<pid>/net/tcp` or `tcp6`. Loopback counts not: nobody outside reaches it. */
export function listeningPorts(table: string): readonly number[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/)
      const [address = '', port = ''] = local.split(':')
      return state === LISTEN && !isLoopback(address) ? [Number.parseInt(port, 16)] : []
    })
}

/** The kernel writes addresses as little-endian words: 127.0.0.1 ends with 7F, ::1 with 01000000. */
const isLoopback = (address: string): boolean =>
  address.length === 8 ? address.endsWith('7F') : address === '00000000000000000000000001000000' || /^0{16}FFFF0000.{6}7F$/.test(address)

/**
 * The ports that a container's processes listen on, read from the kernel: a proxy in front of a published port accepts callers even
 * when nobody is behind it. Undefined: its process is not ours to see (another machine, a virtual machine, no right).
 */
export async function containerPorts(pid: number, containerId: string): Promise<ReadonlySet<number> | undefined> {
  if (pid <= 0) return undefined
  try {
    // The number means something else where the engine lives in another process namespace: its control group tells.
    if (!(await readFile(`/proc/${pid}/cgroup`, 'utf8')).includes(containerId)) return undefined
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')))
    return new Set(tables.flatMap(listeningPorts))
  } catch {
    return undefined
  }
}
