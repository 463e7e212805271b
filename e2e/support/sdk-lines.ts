import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The lines of DigitalHub's Python SDK that the tests run, and the release of each with its runtime plugin. */
export const SDK_LINES = {
  '0.13': { digitalhub: '0.13.4', plugin: '0.13.0' },
  '0.14': { digitalhub: '0.14.13', plugin: '0.14.2' },
  '0.15': { digitalhub: '0.15.11', plugin: '0.15.3' },
  '0.16': { digitalhub: '0.16.0b19', plugin: '0.16.0b5' },
} as const satisfies Record<string, { digitalhub: string; plugin: string }>
export type SdkLine = keyof typeof SDK_LINES
export const sdkLines = Object.keys(SDK_LINES) as readonly SdkLine[]

/** What became of a check. `own bug`: the line fails by itself, as was expected; `not offered`: the line does not have it, and says so. */
export type SdkResult = 'works' | 'own bug' | 'not offered' | 'failed'

export interface SdkOutcome {
  readonly sentence: string
  readonly call: string
  readonly result: SdkResult
  /** Why it does not work; absent where it does. */
  readonly reason?: string
  readonly detail?: string
  readonly trace?: string
  readonly seconds?: number
  /** The last requests of the check with their answers: the proof where a line fails. */
  readonly exchanges?: readonly unknown[]
}

/** Where checks lie: of the calls, without credentials; of the credentials. */
export const SDK_FOLDERS = ['checks', 'logins'] as const
export type SdkFolder = (typeof SDK_FOLDERS)[number]

const FOLDER = join(import.meta.dirname, '..', 'python-sdk')
const SENTENCE = /^@check\(\s*"((?:[^"\\]|\\.)*)"/gm

/** The sentences of all checks of a folder, in the order in which they run: read from their sources, so that the tests have names before anything runs. */
export const sdkSentences = (folder: SdkFolder = 'checks'): readonly string[] =>
  globSync('*.py', { cwd: join(FOLDER, folder) })
    .sort()
    .flatMap((file) =>
      [...readFileSync(join(FOLDER, folder, file), 'utf8').matchAll(SENTENCE)].map(([, sentence = '']) => JSON.parse(`"${sentence}"`) as string),
    )
