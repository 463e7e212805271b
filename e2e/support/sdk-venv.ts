import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildOnce } from '../../packages/server/src/supervise/build-once.ts'
import { cacheFolder } from '../../testbed/images/index.ts'
import { findPython } from '../../tools/test/python.ts'
import type { SdkLine } from './sdk-lines.ts'

const REQUIREMENTS = join(import.meta.dirname, '..', 'python-sdk', 'requirements')
const exec = promisify(execFile)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/**
 * The Python of a virtual environment with one line of the SDK, every package pinned by version and hash. Made once, in the cache folder,
 * under the hash of its requirements; whoever comes meanwhile waits.
 */
export async function sdkPython(line: SdkLine): Promise<string> {
  const python = await findPython()
  if (!python) throw new Error('no Python with venv on the PATH')
  const files = ['common.txt', `sdk-${line}.txt`]
  const hash = createHash('sha256').update(python.version)
  for (const file of files) hash.update(await readFile(join(REQUIREMENTS, file)))
  const target = join(cacheFolder(), 'python-sdk', `${line}-${hash.digest('hex').slice(0, 16)}`)
  await buildOnce({
    target,
    onWait: (pid) => say(`python-sdk ${line}: process ${pid} makes the virtual environment, waiting for it`),
    build: async (folder) => {
      say(`python-sdk ${line}: making a virtual environment with Python ${python.version} (about 120 MB to fetch, 370 MB on disk, once)`)
      await exec(python.path, ['-m', 'venv', folder])
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', join(REQUIREMENTS, `sdk-${line}.txt`)]
      await exec(join(folder, 'bin', 'python'), install, { maxBuffer: 16_777_216 })
      say(`python-sdk ${line}: ready`)
    },
  })
  return join(target, 'bin', 'python')
}
