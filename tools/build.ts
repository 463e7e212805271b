import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bin, root, runCommand } from './command.ts'

/** Makes every package's dist: incremental, so nearly free when nothing changed. Returns what is wrong, or undefined. */
export const build = async (signal?: AbortSignal): Promise<string | undefined> => {
  const options = signal ? { signal } : {}
  const types = await runCommand(bin('tsc'), ['-b', '--pretty', 'false'], options)
  if (types.code !== 0) return types.output.trim() || `tsc -b ended with ${types.code}`
  const bundler = join(root, 'packages', 'cli', 'build.mjs')
  if (!existsSync(bundler)) return 'packages/cli/build.mjs is missing'
  const bundle = await runCommand(process.execPath, [bundler], options)
  return bundle.code === 0 ? undefined : bundle.output.trim() || `packages/cli/build.mjs ended with ${bundle.code}`
}

if (process.argv[1] === import.meta.filename) {
  const problem = await build()
  if (problem) process.stderr.write(`${problem}\n`)
  process.exitCode = problem ? 1 : 0
}
