import { expect, test } from 'vitest'
import { testFiles, tierOf } from './tiers.ts'

test('the suffix of a test file says what it needs, its folder whose it is', () => {
  const tiers = {
    'packages/sdk/src/contract/run.test.ts': 'unit',
    'tools/check/imports.test.ts': 'unit',
    'packages/sdk/src/client/runs.test.ts': 'sdk',
    'packages/server/src/store/runs.test.ts': 'unit',
    'packages/server/src/store/runs.pg.test.ts': 'store',
    'packages/server/src/service/runs.pg.test.ts': 'server',
    'packages/server/src/http/runs.http.test.ts': 'server',
    'packages/server/src/engines/memory/engine.test.ts': 'engine-memory',
    'packages/server/src/engines/docker/create.test.ts': 'unit',
    'packages/server/src/engines/docker/engine.docker.test.ts': 'engine-docker',
    'packages/cli/src/table.test.ts': 'unit',
    'packages/cli/src/run.process.test.ts': 'cli',
    'packages/server/src/reconcile/kill.faults.test.ts': 'faults',
    'packages/server/src/engines/kubernetes/engine.k8s.test.ts': 'kubernetes',
    'testbed/kubernetes/cluster.k8s.test.ts': 'testbed',
    'e2e/api-server-dies.k8s-faults.test.ts': 'kubernetes-faults',
    'e2e/restart.faults.test.ts': 'faults',
    'e2e/sdk/story.test.ts': 'sdk',
    'e2e/cli/run.test.ts': 'cli',
    'e2e/python-sdk/sdk-0.16.test.ts': 'python-sdk',
    'e2e/python-sdk/table.test.ts': 'unit',
    'e2e/restart.test.ts': 'server',
    'demo/demo.test.ts': 'demo',
  }
  expect(Object.fromEntries(Object.keys(tiers).map((file) => [file, tierOf(file)]))).toEqual(tiers)
})

test('every test file of the repository is in exactly one tier', () => {
  const files = Object.values(testFiles()).flat()
  expect(files).toContain('tools/test/tiers.test.ts')
  expect(new Set(files).size).toBe(files.length)
})
