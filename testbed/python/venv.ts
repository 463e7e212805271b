import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildOnce } from '../../packages/server/src/supervise/build-once.ts'
import { runProgram } from '../../packages/server/src/supervise/program.ts'
import { cacheFolder } from '../images/index.ts'

const run = async (program: string, args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runProgram(program, args)
  if (code !== 0) throw new Error(`${program} ${args[0]} ${args[1]} ended with ${code}: ${stderr.trim().split('\n').slice(-5).join('\n')}`)
  return stdout
}

/**
 * The Python of a virtual environment that holds exactly what a requirements file pins; made once for each content of the file and
 * version of Python, by whoever comes first, in Davit's cache folder. Every package's hash is checked. Its modules are to be called, not its scripts: the folder
 * is moved into place when it is whole, so the scripts in its `bin` lead nowhere.
 */
export const pythonVenv = async (name: string, requirements: string): Promise<string> => {
  const version = await run('python3', ['-c', 'import sys; print(sys.version, sys.platform)'])
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .update(version)
    .digest('hex')
    .slice(0, 16)
  const target = join(cacheFolder(), 'python', `${name}-${hash}`)
  await buildOnce({
    target,
    build: async (folder) => {
      process.stderr.write(`${name}: fetching its Python packages with pip into ${target}\n`)
      await run('python3', ['-m', 'venv', folder])
      await run(join(folder, 'bin', 'python'), [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--require-hashes',
        '--only-binary',
        ':all:',
        '-r',
        requirements,
      ])
    },
  })
  return join(target, 'bin', 'python')
}
