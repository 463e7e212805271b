import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atLeast, LEAST_ROLE, PROJECT_VERBS, ROLES, SERVER_VERBS, type Verb } from 'davit/contract'
import type { Problem } from './check/problem.ts'
import { root } from './command.ts'

const FILE = 'docs/roles.md'

const row = (verb: Verb): string => `| \`${verb}\` | ${ROLES.map((role) => (atLeast(role, LEAST_ROLE[verb]) ? '✓' : '')).join(' | ')} |`

const table = (verbs: object): string =>
  [`| verb | ${ROLES.join(' | ')} |`, `|---|${ROLES.map(() => ':-:|').join('')}`, ...(Object.keys(verbs) as Verb[]).map(row)].join('\n')

const expected = (): string => `# Who may do what

Written from \`packages/sdk/src/contract/roles.ts\` by \`npm run openapi\`; the server and the CLI read the same table, and a test asks every
endpoint as everybody. \`user\` is anybody who proved who they are; viewer, editor and owner hold in one project; admin holds everywhere.
Who makes a project owns it. Every refusal is a 401 or 403 in the same words whether the thing exists or not.

## In a project

${table(PROJECT_VERBS)}

## On the server

${table(SERVER_VERBS)}

A token can be limited to projects and to verbs (\`run.read\`, \`run.*\`, \`*.read\`); it never does more than its owner may. One that is limited
to projects keeps, of the server's verbs, \`project.list\`, \`account.read\` and \`server.read\`; a limited one makes no tokens.
`

/** Where docs/roles.md is not what the table says. */
export const rolesProblems = (): Problem[] => {
  const found = existsSync(join(root, FILE)) ? readFileSync(join(root, FILE), 'utf8') : ''
  return found === expected() ? [] : [{ file: FILE, line: 1, message: 'is not what the table of roles says: run `npm run openapi`' }]
}

export const writeRoles = (): void => {
  writeFileSync(join(root, FILE), expected())
  process.stdout.write(`${FILE} written\n`)
}
