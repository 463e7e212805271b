import { relative, resolve } from 'node:path'
import { bin, root, runCommand } from '../command.ts'
import { openapiProblems } from '../openapi.ts'
import { rolesProblems } from '../roles.ts'
import { filesOf } from '../test/files.ts'
import { checkBudgets } from './budgets.ts'
import { checkImports } from './imports.ts'
import { checkLockfile } from './lockfile.ts'
import { measure } from './measure.ts'
import { checkPaths, readRepositoryFile, repositoryFiles } from './paths.ts'
import { problemLine } from './problem.ts'
import { readSource } from './source.ts'

export interface StepResult {
  readonly ok: boolean
  /** What is wrong, as lines `file:line rule`; of a step that passed, what it has to say. */
  readonly output: string
}

/** Where our code is. Tests are in it; packages' tests lie beside their sources. */
const CODE = ['packages/*/src', 'testbed', 'e2e', 'bench', 'demo', 'tools']
const SUITES = /\.test\.ts$|-fixture\.ts$|\/testing\/|^e2e\/|\/conformance\b/

const sources = () => filesOf(CODE.map((folder) => `${folder}/**/*.ts`)).filter((file) => !SUITES.test(file))

const command =
  (name: string, ...args: readonly string[]) =>
  async (): Promise<StepResult> => {
    const { code, output } = await runCommand(bin(name), args, { env: { ...process.env, NO_COLOR: '1' } })
    return { ok: code === 0, output: output.trim() }
  }

/** Biome's list of files, without the diffs: `npm run format` repairs them all. */
const format = async (): Promise<StepResult> => {
  const { ok, output } = await command('biome', 'format', '--reporter=github', '--max-diagnostics=500')()
  const files = [...output.matchAll(/file=([^,]+),/g)].map(
    ([, file = '']) => `${relative(root, resolve(root, file))}:1 is not formatted: run \`npm run format\``,
  )
  return { ok, output: files.join('\n') || output }
}

const result = (lines: readonly string[], said = ''): StepResult => ({ ok: lines.length === 0, output: lines.join('\n') || said })

const imports = (): StepResult =>
  result(
    sources()
      .filter((file) => file.startsWith('packages/'))
      .flatMap((file) => checkImports(readSource(file)).map(problemLine)),
  )

const budgets = (): StepResult => {
  const measures = sources().map((file) => measure(readSource(file)))
  return result(checkBudgets(measures).map(problemLine))
}

const lockfile = (): StepResult => result(checkLockfile(readRepositoryFile('package-lock.json')).map(problemLine))

const paths = async (): Promise<StepResult> => {
  const files = await repositoryFiles()
  if (!files) return { ok: true, output: 'not a git checkout: nothing to look at' }
  return result(files.flatMap((file) => checkPaths(file, readRepositoryFile(file)).map(problemLine)))
}

const roles = (): StepResult => result(rolesProblems().map(problemLine))

const openapi = (): StepResult => result(openapiProblems().map(problemLine))

const existing = CODE.filter((folder) => filesOf(`${folder}/**/*.{ts,mjs}`).length > 0).flatMap((folder) => (folder.includes('*') ? filesOf(folder) : [folder]))

/** The quality gates, in the order they run. */
export const STEPS = {
  types: command('tsc', '-b', '--pretty', 'false'),
  'types of tests and tools': command('tsc', '-p', 'tsconfig.test.json', '--pretty', 'false'),
  lint: command('oxlint', '--type-aware', '--deny-warnings', '--format', 'unix', ...existing),
  format,
  'dead code': command('knip', '--no-progress'),
  imports,
  budgets,
  lockfile,
  paths,
  openapi,
  roles,
} as const satisfies Record<string, () => StepResult | Promise<StepResult>>
