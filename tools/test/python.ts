import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The Pythons for which every line of DigitalHub's SDK has packages; the first that is there is taken. */
export const PYTHON_VERSIONS = ['3.11', '3.12', '3.10'] as const

export interface Python {
  readonly path: string
  /** As `3.11.7`. */
  readonly version: string
}

const PROBE = 'import sys, venv, ensurepip; print(sys.executable); print(".".join(map(str, sys.version_info[:3])))'

const ask = async (program: string): Promise<Python | undefined> => {
  try {
    const { stdout } = await promisify(execFile)(program, ['-c', PROBE], { timeout: 30_000 })
    const [path = '', version = ''] = stdout.trim().split('\n')
    return PYTHON_VERSIONS.some((wanted) => version.startsWith(`${wanted}.`)) ? { path, version } : undefined
  } catch {
    return undefined
  }
}

/** A Python of a fitting version that can make virtual environments; undefined: there is none on the PATH. */
export const findPython = async (): Promise<Python | undefined> => {
  for (const program of [...PYTHON_VERSIONS.map((version) => `python${version}`), 'python3', 'python']) {
    const found = await ask(program)
    if (found) return found
  }
  return undefined
}
