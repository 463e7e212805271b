import { join } from 'node:path'
import { pythonVenv } from '../../testbed/python/venv.ts'
import type { SdkLine } from './sdk-lines.ts'

/** Of a hook that calls `sdkPython`, in ms: the first time, packages are fetched (about 120 MB a line, 370 MB on disk). */
export const SETUP_MS = 1_200_000

/** The Python of a virtual environment with one line of the SDK. */
export const sdkPython = (line: SdkLine): Promise<string> =>
  pythonVenv(`digitalhub-${line}`, join(import.meta.dirname, '..', 'python-sdk', 'requirements', `sdk-${line}.txt`))
