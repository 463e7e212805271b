import { beforeAll, expect, test } from 'vitest'
import type { FaultRule, SeenRequest } from '../packages/server/src/engines/kubernetes/client/testing/api-proxy.ts'
import type { RunHandle } from 'davit'
import { workloadName } from '../packages/server/src/domain/names.ts'
import { faultScene } from './support/fault-scene.ts'
import { expectCounted, expectNothingLeft, expectStays, runsWell } from './support/kube-load.ts'
import { IMAGE } from './support/test-engine.ts'

const scene = faultScene({ proxied: true })
let stays: readonly RunHandle[]
beforeAll(async () => {
  stays = await Promise.all([scene.work.deploy(), scene.work.serve()].map(async (run) => runsWell(await run)))
})

type Match = NonNullable<FaultRule['match']>

const every = (nth: number, which: (request: SeenRequest) => boolean): Match => {
  let times = 0
  return (request) => which(request) && ++times % nth === 0
}
/** One in so many of them, by no rule that calls could be in step with, and the same in every run of the test. */
const some = (which: (request: SeenRequest) => boolean, one = 5): Match => {
  let state = 1
  return (request) => which(request) && (state = (state * 48_271) % 2_147_483_647) % one === 0
}
const isCall = ({ watch }: SeenRequest): boolean => !watch
const isWrite = ({ method }: SeenRequest): boolean => method !== 'GET'
const isList = ({ method, url, watch }: SeenRequest): boolean => method === 'GET' && !watch && url.includes('limit=')
const isLog = ({ url }: SeenRequest): boolean => url.includes('/log?')
const isWatch = ({ watch }: SeenRequest): boolean => watch

/** Every line once more, and some older one of the same kind with it. */
const echoing = (): ((line: string) => readonly string[]) => {
  const past = new Map<string, string[]>()
  return (line) => {
    const known = past.get(kindOf(line)) ?? []
    past.set(kindOf(line), [...known, line])
    const old = known[known.length >> 1]
    return [line, line, ...(old === undefined ? [] : [old])]
  }
}
const kindOf = (line: string): string => /"kind":"(\w+)"/.exec(line)?.[1] ?? ''

/** A rule that fits nothing proves nothing. */
function expectFired(rules: readonly FaultRule[]): void {
  const done = new Set(scene.proxy.seen.map(({ fault }) => fault))
  expect(rules.filter(({ fault }) => !done.has(fault))).toEqual([])
}

const FAULTS: Readonly<Record<string, readonly FaultRule[]>> = {
  'answers a fifth of all calls with 500': [{ match: some(isCall), fault: { answer: 500 } }],
  'answers a fifth of all writes with 500 when it has done it': [{ match: some(isWrite), fault: { answer: 500, after: true } }],
  'asks for patience at a fifth of all calls': [{ match: some(isCall), fault: { answer: 429, reason: 'TooManyRequests', retryAfter: 1 } }],
  'answers a fifth of all writes with a conflict': [
    { match: some(isWrite), fault: { answer: 409, reason: 'Conflict', message: 'the object has been modified' } },
  ],
  'has forgotten the past at every watch and half of the lists': [
    { match: every(2, isWatch), fault: { answer: 410, reason: 'Expired', message: 'too old resource version' } },
    { match: every(2, isList), fault: { answer: 410, reason: 'Expired', message: 'the continue token is too old' } },
  ],
  'breaks the connection at a fifth of all calls, before or after it has done it': [
    { match: some(isCall, 10), fault: { reset: 'before' } },
    { match: some(isCall, 9), fault: { reset: 'after' } },
  ],
  'says nothing to some writes and logs': [
    { match: every(2, isWrite), times: 3, fault: { hang: true } },
    { match: isLog, times: 1, fault: { hang: true } },
  ],
  'falls silent in the middle of a log': [{ match: isLog, times: 1, fault: { hangAfterLines: 1 } }],
  'cuts every watch and some logs in mid-line': [
    { match: isWatch, fault: { cutAfterLines: 1 } },
    { match: every(2, isLog), fault: { cutAfterLines: 0 } },
  ],
  'ends every watch in mid-line as if that were all': [{ match: isWatch, fault: { cutAfterLines: 1, end: true } }],
  'tells every event twice and old ones again': [{ match: isWatch, fault: { lines: echoing() } }],
}

test.each(Object.entries(FAULTS))('an API server that %s changes the end of no run', async (_, rules) => {
  const running = await scene.work.job({ steps: 8, code: 3 })
  await runsWell(running.run)
  for (const rule of rules) scene.proxy.inject(rule)
  scene.proxy.cutAll() // so that watches begin again, under the fault
  const counts = [running, ...(await Promise.all([0, 1, 2].map((code) => scene.work.job({ steps: 1, code, bare: code === 1 }))))]
  const short = await scene.work.serve()
  await expectCounted(scene.world, counts)
  await runsWell(short)
  await expectStays([short])
  await expectNothingLeft(scene.world, { counts, stays: [short] })
  scene.proxy.heal()
  expectFired(rules)
})

test('a long log that ends too early without a word, as when its node dies meanwhile, is read again until it is whole', async () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('')
  const talks = await scene.work.project.newFunction({ name: 'talks', kind: 'container', image: IMAGE, command: 'sh', args: ['-c', 'seq 1 20000'] })
  const isWhole = (request: SeenRequest): boolean => isLog(request) && !request.url.includes('tailLines')
  const rules = [300, 9000].map((lines): FaultRule => ({ match: isWhole, times: 1, fault: { cutAfterLines: lines, end: true } }))
  for (const rule of rules) scene.proxy.inject(rule)
  const run = await (await talks.run('job')).wait({ timeoutMs: 60_000 })
  expect(run.state).toBe('COMPLETED')
  expect((await run.logs())[0]?.text).toBe(lines)
  expectFired(rules)
  expect(await scene.world.leftOf([run])).toEqual([])
})

test('a field that somebody takes while a run is being made stays theirs: the run says so, and goes on when it is given back', async () => {
  const asked = scene.work.serve()
  // None that begins pods: theirs would end at a moment that nobody knows.
  const taken = { progressDeadlineSeconds: 1234 }
  const edit = async (spec: object): Promise<string> => {
    const name = workloadName({ id: (await asked).id, action: 'serve' }, 1)
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: scene.world.namespace }, spec }
    return scene.world.cluster.kubectl(
      ['apply', '--server-side', '--force-conflicts', '--field-manager=somebody', '-f', '-', '-o', 'jsonpath={.spec.progressDeadlineSeconds}'],
      JSON.stringify(object),
    )
  }
  await scene.proxy.once({ when: 'before', call: /^PATCH .*\/deployments\/[^?]*\?(?!.*dryRun)/, nth: 2 }, () => edit(taken))
  const run = await asked
  await expect.poll(async () => (await run.refresh()).status.message, { timeout: 30_000 }).toMatch(/conflict with "somebody".*spec.progressDeadlineSeconds/s)
  expect(run.state).toBe('READY')
  expect(await edit(taken)).toBe('1234') // it still is: nobody forced it back
  await edit({})
  await runsWell(run)
  const pods = (): Promise<string> => scene.world.kubectl('get', 'pods', '-l', `davit.dev/run=${run.id}`, '-o', 'name')
  await expect.poll(async () => (await pods()).trim().split('\n').length, { timeout: 30_000, interval: 300 }).toBe(1)
  await expectStays([run])
  await expectNothingLeft(scene.world, { counts: [], stays: [run] })
})

test('what was deployed before all that still runs in its first attempt, and ends as it should', async () => {
  await expectStays(stays)
  await expectNothingLeft(scene.world, { counts: [], stays })
})
