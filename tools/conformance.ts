import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './command.ts'
import { conformancePage } from './conformance/page.ts'
import { ENGINES, keptResults } from './conformance/results.ts'

const FILE = 'docs/conformance.md'
const path = join(root, FILE)

/** The page as it should be; throws naming the engines whose suite has not run here. */
const expected = (): string => {
  const { memory, docker, kubernetes } = keptResults()
  if (memory && docker && kubernetes) return conformancePage({ memory, docker, kubernetes })
  const lacking = Object.entries({ memory, docker, kubernetes }).filter(([, found]) => !found)
  throw new Error(
    `the suite has not run here on ${lacking.map(([engine]) => engine).join(', ')} of ${ENGINES.join(', ')}: npm test -- engine-memory engine-docker kubernetes`,
  )
}

/** Why docs/conformance.md does not say what the engines' suites found last; undefined when it does. */
export const conformanceProblem = (): string | undefined => {
  const found = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return found === expected() ? undefined : `${FILE} is not what the engine suites found: run \`npm run conformance\``
}

if (process.argv[1] === import.meta.filename) {
  try {
    writeFileSync(path, expected())
    process.stdout.write(`${FILE} written\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
