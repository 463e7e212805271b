import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildOnce } from '../../packages/server/src/supervise/build-once.ts'
import { runProgram } from '../../packages/server/src/supervise/program.ts'
import { cacheFolder } from '../images/index.ts'

export type Say = (line: string) => void

export interface GoModule {
  /** Folder of `go/` beside this file, and name of the result. */
  readonly folder: string
  /** Name of each program → the package that is its main one. */
  readonly programs: Readonly<Record<string, string>>
  readonly tags?: string
  /** Values of `-X`. */
  readonly variables?: Readonly<Record<string, string>>
  /** For people: what is built and what it takes. */
  readonly about: string
}

/** No C compiler, and two compilers at once: a test machine has few cores and little memory. */
const GO_ENV = { CGO_ENABLED: '0', GOFLAGS: '-p=2', GOTOOLCHAIN: 'local', GOWORK: 'off' }

const flagsOf = ({ tags, variables = {} }: GoModule): readonly string[] => {
  const linker = ['-s', '-w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ')
  return ['-mod=readonly', '-trimpath', '-buildvcs=false', ...(tags ? ['-tags', tags] : []), '-ldflags', linker]
}

const sourceFolder = (folder: string): string => join(import.meta.dirname, 'go', folder)

/** Everything that goes into the result: Go's version, the sources, the locked versions of what they use, the flags. */
const keyOf = async (module: GoModule, goVersion: string): Promise<string> => {
  const hash = createHash('sha256').update(JSON.stringify([goVersion, process.arch, GO_ENV, flagsOf(module), module.programs]))
  const folder = sourceFolder(module.folder)
  for (const name of (await readdir(folder)).sort()) hash.update(`\n${name}\n`).update(await readFile(join(folder, name)))
  return hash.digest('hex').slice(0, 16)
}

const EVERY_MS = 10_000
const KEPT_LINES = 20

const goBuild = (module: GoModule, [name, main]: readonly [string, string], output: { folder: string; say: Say; signal?: AbortSignal | undefined }) =>
  new Promise<void>((resolve, reject) => {
    const args = ['build', '-v', ...flagsOf(module), '-o', join(output.folder, name), main]
    const child = spawn('go', args, { cwd: sourceFolder(module.folder), env: { ...process.env, ...GO_ENV }, stdio: ['ignore', 'ignore', 'pipe'] })
    const began = performance.now()
    const last: string[] = []
    const count = { fetched: 0, compiled: 0 }
    createInterface(child.stderr).on('line', (line) => {
      if (line.startsWith('go: downloading')) count.fetched++
      else count.compiled++
      last.push(line)
      if (last.length > KEPT_LINES) last.shift()
    })
    const tell = () =>
      output.say(
        `building ${name}: ${count.fetched} modules fetched, ${count.compiled} packages compiled, ${((performance.now() - began) / 1000).toFixed(0)} s`,
      )
    const timer = setInterval(tell, EVERY_MS)
    const abort = () => child.kill('SIGTERM')
    output.signal?.addEventListener('abort', abort, { once: true })
    child.once('error', reject)
    child.once('close', (code) => {
      clearInterval(timer)
      output.signal?.removeEventListener('abort', abort)
      if (output.signal?.aborted) reject(new Error(`building ${name} was interrupted`, { cause: output.signal.reason }))
      else if (code === 0) resolve()
      else reject(new Error([`go could not build ${name}:`, ...last].join('\n')))
    })
  })

/**
 * Folder with the programs of a Go module: built once for all processes and kept in Davit's cache folder, under a key of everything that
 * goes into it. A second process waits for the first one's build; one that was killed leaves no half folder.
 */
export const goPrograms = async (module: GoModule, { say, signal }: { say: Say; signal?: AbortSignal | undefined }): Promise<string> => {
  const { code, stdout } = await runProgram('go', ['env', 'GOVERSION'])
  if (code !== 0) throw new Error('Go is not on the PATH; the testbed builds Kubernetes with it (1.26.6 or newer)')
  const target = join(cacheFolder(), 'testbed', `${module.folder}-${await keyOf(module, stdout.trim())}`)
  await buildOnce({
    target,
    signal,
    onWait: (pid) => say(`${module.folder}: process ${pid} builds it; waiting for that`),
    build: async (folder) => {
      say(`${module.folder}: building ${module.about}`)
      for (const program of Object.entries(module.programs)) await goBuild(module, program, { folder, say, signal })
    },
  })
  return target
}
