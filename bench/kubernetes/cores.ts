import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'

/** `0-2,5` → [0, 1, 2, 5]: as the kernel writes sets of processors. */
export const coresOf = (list: string): readonly number[] =>
  list
    .trim()
    .split(',')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, at) => first + at)
    })

/** The processor cores in two halves: for a cluster, and for who uses it. Undefined: there is only one. */
export const halves = (cores: readonly number[]): { readonly cluster: string; readonly user: string } | undefined => {
  const middle = Math.floor(cores.length / 2)
  return middle === 0 ? undefined : { cluster: cores.slice(0, middle).join(','), user: cores.slice(middle).join(',') }
}

const allowed = async (): Promise<readonly number[]> => coresOf(/Cpus_allowed_list:\s*(\S+)/.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '0')

const networkOf = (pid: string): Promise<string | undefined> => readlink(`/proc/${pid}/ns/net`).catch(() => undefined)

/**
 * Keeps all processes of a cluster, found by its network namespace, to one half of the cores, as if it were on machines of its own. Gives the
 * beginning of a command line that keeps a program to the other half; empty where there is but one core.
 */
export async function apart({ pid }: { readonly pid: number }): Promise<readonly string[]> {
  const both = halves(await allowed())
  if (!both) return []
  const network = await networkOf(String(pid))
  for (const each of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)))
    if (network !== undefined && (await networkOf(each)) === network)
      await promisify(execFile)('taskset', ['--all-tasks', '--cpu-list', '--pid', both.cluster, each]).catch(() => undefined) // it may have ended
  return ['taskset', '--cpu-list', both.user]
}
