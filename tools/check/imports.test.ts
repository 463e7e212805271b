import { expect, test } from 'vitest'
import { checkImports } from './imports.ts'
import { problemLine } from './problem.ts'
import { parseSource } from './source.ts'

const check = (file: string, text: string) => checkImports(parseSource(`packages/${file}`, text)).map(problemLine)

const VIOLATIONS = {
  'an import over several lines': ['server/src/domain/a.ts', "import {\n  b,\n} from '../store/b.ts'", 'server/src/domain/ must not import server/src/store/'],
  'a dynamic import': ['server/src/domain/a.ts', "const b = await import('../store/b.ts')", 'server/src/domain/ must not import server/src/store/'],
  'an export of everything': ['server/src/store/a.ts', "export * from '../service/b.ts'", 'server/src/store/ must not import server/src/service/'],
  'an export of a name': ['server/src/store/a.ts', "export { b } from '../service/b.ts'", 'server/src/store/ must not import server/src/service/'],
  'a type import': ['server/src/service/a.ts', "import type { B } from '../http/b.ts'", 'server/src/service/ must not import server/src/http/'],
  'a type query': ['server/src/service/a.ts', "export type B = import('../http/b.ts').B", 'server/src/service/ must not import server/src/http/'],
  'a # path': ['server/src/reconcile/a.ts', "import { b } from '#engines/docker/b.ts'", 'server/src/reconcile/ must not import server/src/engines/docker/'],
  'an engine that knows another': ['server/src/engines/docker/a.ts', "import { b } from '../memory/b.ts'", 'must not import server/src/engines/memory/'],
  'the docker adapter that supervises': ['server/src/engines/docker/a.ts', "import { b } from '#supervise/b.ts'", 'must not import server/src/supervise/'],
  'a package name': ['sdk/src/contract/a.ts', "import { b } from 'davit'", 'sdk/src/contract/ must not import sdk/src/*'],
  'the whole SDK in the domain': ['server/src/domain/a.ts', "import { b } from 'davit'", 'server/src/domain/ must not import sdk/src/*'],
  'the CLI in the server': ['server/src/main.ts', "import { b } from '@davit/cli'", 'server/src/* must not import cli/src/'],
  'the server in another command': [
    'cli/src/commands/run.ts',
    "import { b } from '@davit/server'",
    '@davit/server may be imported only in cli/src/commands/server.ts',
  ],
  'a vendor away from home': ['server/src/service/a.ts', "import { sql } from 'kysely'", 'kysely may be imported only in server/src/store/'],
  "a vendor's type away from home": [
    'server/src/domain/a.ts',
    "import type Docker from 'dockerode'",
    'dockerode may be imported only in server/src/engines/docker/',
  ],
  "a vendor's inner module": ['server/src/service/a.ts', "import { Migrator } from 'kysely/migration'", 'kysely/migration may be imported only in'],
  'a folder in no layer': ['server/src/utils/a.ts', '', 'is in no layer'],
  'an import from a folder in no layer': ['server/src/compose.ts', "import { b } from './utils/b.ts'", './utils/b.ts is in no layer'],
} as const

test.each(Object.entries(VIOLATIONS))('%s is found', (_, [file, text, message]) => {
  expect(check(file, text)).toEqual([expect.stringContaining(message)])
})

test('what is found says in which file and line', () => {
  expect(check('server/src/domain/a.ts', "import { c } from './c.ts'\n\nimport { b } from '../store/b.ts'")).toEqual([
    'packages/server/src/domain/a.ts:3 server/src/domain/ must not import server/src/store/ (../store/b.ts)',
  ])
})

const LEGAL = [
  ['server/src/service/runs.ts', "import { db } from '#store/runs.ts'\nimport { Run } from 'davit/contract'\nimport { readFile } from 'node:fs/promises'"],
  ['server/src/http/app.ts', "import { openapiDocument } from 'davit/openapi'"],
  ['server/src/compose.ts', "import { a } from './http/server.ts'\nimport { b } from './engines/docker/private/engine.ts'"],
  ['server/src/engines/docker/private/start.ts', "import { child } from '#supervise/child.ts'\nimport { call } from '../call.ts'"],
  ['server/src/postgres/probe.ts', "import pg from 'pg'"],
  ['cli/src/commands/server.ts', "const { main } = await import('@davit/server')"],
  ['sdk/src/client/runs.ts', "import { api } from '#contract/endpoints.ts'"],
] as const

test.each(LEGAL)('%s may import what its layer may', (file, text) => {
  expect(check(file, text)).toEqual([])
})

test('an import in a comment or a text is none', () => {
  expect(check('server/src/domain/a.ts', "// import { b } from '../store/b.ts'\nexport const text = `from '../store/b.ts'`")).toEqual([])
})
