import { join } from 'node:path'
import { beforeAll, afterAll, expect, test } from 'vitest'
import { runProgram } from '../../packages/server/src/supervise/program.ts'
import { pythonVenv } from '../../testbed/python/venv.ts'
import { type House, openHouse } from '../support/house.ts'
import { fuzzSeed } from '../support/seed.ts'

const seed = String(fuzzSeed())
const EXAMPLES = 10

/** What an outsider may hold against us; what is left out and why stands in docs/adr/0014-outside-judge.md. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
]

let python: string
let house: House
beforeAll(async () => {
  process.stderr.write(`schemathesis: DAVIT_FUZZ_SEED=${seed}\n`)
  python = await pythonVenv('schemathesis', join(import.meta.dirname, 'requirements.txt'))
  house = await openHouse({ engine: 'memory', flags: ['--log-level', 'warn'] })
  // The one that schemathesis.toml names, so that not everything ends with a 404.
  await house.project('judged')
}, 600_000)
afterAll(async () => {
  await house.close()
})

const judge = (...args: readonly string[]) =>
  runProgram(python, [
    '-c',
    'from schemathesis.cli import schemathesis; schemathesis()',
    '--config-file',
    join(import.meta.dirname, 'schemathesis.toml'),
    '--no-color',
    'run',
    `${house.url}/openapi.json`,
    '--checks',
    CHECKS.join(','),
    '--seed',
    seed,
    '--max-examples',
    String(EXAMPLES),
    '--generation-database',
    'none',
    '--request-timeout',
    '10',
    ...args,
  ]) // prettier-ignore

test.each(['examples,coverage,fuzzing', 'stateful'])(
  'an outside judge of the same document finds nothing: %s',
  async (phases) => {
    const { code, stdout, stderr } = await judge('--phases', phases)
    expect(code === 0, `${stdout.slice(-8000)}\n${stderr.slice(-2000)}`).toBe(true)
  },
  1_800_000,
)
