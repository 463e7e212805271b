import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildOnce } from '../../packages/server/src/supervise/build-once.ts'
import { runProgram } from '../../packages/server/src/supervise/program.ts'
import { findPython } from '../../tools/test/python.ts'
import { cacheFolder } from '../images/index.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const run = async (program: string, args: readonly string[]): Promise<void> => {
  const { code, stderr } = await runProgram(program, args)
  if (code !== 0) throw new Error(`${program} ${args[0]} ${args[1]} ended with ${code}: ${stderr.trim().split('\n').slice(-5).join('\n')}`)
}

/** A requirements file and those that it takes in by `-r`. */
async function withIncluded(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8')
  const included = [...text.matchAll(/^-r (\S+)$/gm)].map(([, name = '']) => withIncluded(join(dirname(file), name)))
  return [text, ...(await Promise.all(included)).flat()]
}

/**
 * The Python of a virtual environment that holds exactly what a requirements file pins; made once for each content of the file and
 * version of Python, in Davit's cache folder, by whoever comes first: who comes meanwhile waits. Every package's hash is checked, and
 * nothing is built. Its modules are to be called, not its scripts: the folder is moved into place when it is whole, so the scripts in
 * its `bin` lead nowhere. Throws where there is no Python that fits.
 */
export const pythonVenv = async (name: string, requirements: string): Promise<string> => {
  const python = await findPython()
  if (!python) throw new Error('no Python with venv on the PATH')
  const hash = createHash('sha256').update(`${python.version} ${process.platform} ${process.arch}`)
  for (const text of await withIncluded(requirements)) hash.update(text)
  const target = join(cacheFolder(), 'python', `${name}-${hash.digest('hex').slice(0, 16)}`)
  await buildOnce({
    target,
    onWait: (pid) => say(`${name}: process ${pid} makes the virtual environment, waiting for it`),
    build: async (folder) => {
      say(`${name}: fetching its packages for Python ${python.version} with pip, once`)
      await run(python.path, ['-m', 'venv', folder])
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:', '-r', requirements]
      await run(join(folder, 'bin', 'python'), pip)
    },
  })
  return join(target, 'bin', 'python')
}
