import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { SdkFolder, SdkLine, SdkOutcome } from './sdk-lines.ts'

const MAIN = join(import.meta.dirname, '..', 'python-sdk', 'main.py')
/** Longer than all checks of a line on a slow machine. */
const RUN_MS = 420_000

export interface SdkRun {
  readonly line: SdkLine
  readonly python: string
  readonly endpoint: string
  readonly image: string
  /** Where they lie. Default: `checks`. */
  readonly folder?: SdkFolder
  /** Modules of checks that run one after another in one process. */
  readonly modules: readonly string[]
  /** Credentials, and what else they need to know. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs modules of checks in a Python process of their own, in an empty folder and home: what each check said. Throws when it ends before its end. */
export async function runChecks({ line, python, endpoint, image, modules, folder = 'checks', env: more = {} }: SdkRun): Promise<readonly SdkOutcome[]> {
  const home = await mkdtemp(join(tmpdir(), 'davit-sdk-'))
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    DH_CONFIG: join(home, 'dhcore.ini'),
    DHCORE_ENDPOINT: endpoint,
    SDK_LINE: line,
    TEST_IMAGE: image,
    CHECK_FOLDER: folder,
    CHECK_MODULES: modules.join(','),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUTF8: '1',
    NO_PROXY: '*',
    ...more,
  }
  const child = spawn(python, [MAIN], { cwd: home, env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const late = setTimeout(() => child.kill('SIGKILL'), RUN_MS)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-5000)))
  const outcomes: SdkOutcome[] = []
  createInterface(child.stdio[3] as Readable).on('line', (text) => outcomes.push(JSON.parse(text) as SdkOutcome)) // main.py writes one outcome a line
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`the checks ${modules.join(', ')} of SDK ${line} ended with ${code}:\n${said}`)
    return outcomes
  } finally {
    clearTimeout(late)
    await rm(home, { recursive: true, force: true })
  }
}
