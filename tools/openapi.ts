import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openapiDocument } from 'davit/openapi'
import type { Problem } from './check/problem.ts'
import { root } from './command.ts'
import { writeRoles } from './roles.ts'

const FILE = 'docs/openapi.json'

const expected = (): string => {
  const { version } = JSON.parse(readFileSync(join(root, 'packages', 'sdk', 'package.json'), 'utf8')) as { version: string }
  return `${JSON.stringify(openapiDocument({ version }), null, 2)}\n`
}

const firstDifference = (a: string, b: string): number => {
  const [left, right] = [a.split('\n'), b.split('\n')]
  return left.findIndex((line, index) => line !== right[index]) + 1 || left.length
}

/** Where docs/openapi.json is not what the contract says. */
export const openapiProblems = (): Problem[] => {
  const message = 'is not what the contract says: run `npm run openapi`'
  if (!existsSync(join(root, FILE))) return [{ file: FILE, line: 1, message }]
  const found = readFileSync(join(root, FILE), 'utf8')
  return found === expected() ? [] : [{ file: FILE, line: firstDifference(found, expected()), message }]
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, FILE), expected())
  process.stdout.write(`${FILE} written\n`)
  writeRoles()
}
