import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../testbed/images/index.ts'
import { build } from '../tools/build.ts'
import { EXIT_CODE_OF, type EndReason, lifeline } from '../tools/lifeline.ts'
import type { Bench, Figure } from './bench.ts'
import { accept } from './cases/accept.ts'
import { http } from './cases/http.ts'
import { job } from './cases/job.ts'
import { kubernetesNode, kubernetesScale } from './cases/kubernetes.ts'
import { start } from './cases/start.ts'
import { version } from './cases/version.ts'
import { loadNow, makeReport, reportTable, saveReport } from './report.ts'

const BENCHES: Readonly<Record<string, Bench>> = { version, start, accept, http, job, 'kubernetes-node': kubernetesNode, 'kubernetes-scale': kubernetesScale }

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** In the cache folder, not in a temporary one: sockets need short paths, and temporary folders are often in memory. */
const inFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  mkdirSync(cacheFolder(), { recursive: true })
  const folder = mkdtempSync(join(cacheFolder(), 'bench-'))
  chmodSync(folder, 0o711) // the database's account must pass through
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A bench is named by its name, or by what several names begin with: `kubernetes`. */
const isWanted = (name: string, wanted: readonly string[]): boolean => wanted.length === 0 || wanted.some((one) => name === one || name.startsWith(`${one}-`))

const main = async (wanted: readonly string[]): Promise<number> => {
  const unknown = wanted.filter((name) => !Object.keys(BENCHES).some((bench) => isWanted(bench, [name])))
  if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`)
  const { signal, close } = lifeline()
  const before = loadNow()
  const problem = await build(signal)
  if (problem) throw new Error(`the build fails:\n${problem}`)
  const figures: Figure[] = []
  const failures: Record<string, string> = {}
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (signal.aborted || !isWanted(name, wanted)) continue
    say(`— ${name}`)
    const result = inFolder((folder) => bench({ folder, signal, say: (line) => say(`  ${line}`) }))
    await result.then(
      (found) => void figures.push(...found),
      (error: unknown) => {
        failures[name] = error instanceof Error ? error.message : String(error)
        say(`  failed: ${failures[name]}`)
      },
    )
  }
  close()
  if (signal.aborted) return EXIT_CODE_OF[signal.reason as EndReason]
  const report = await makeReport({ before, figures, failures })
  process.stdout.write(`${reportTable(report)}\n`)
  say(saveReport(report))
  return Object.keys(failures).length > 0 ? 1 : 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
