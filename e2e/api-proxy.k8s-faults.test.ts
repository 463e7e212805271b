import { afterAll, beforeAll, beforeEach, onTestFailed, test } from 'vitest'
import type { FaultRule, SeenRequest } from '../packages/server/src/engines/kubernetes/client/testing/api-proxy.ts'
import type { RunHandle } from 'davit'
import { type House, openHouse } from './support/house.ts'
import { expectCounted, expectNothingLeft, expectStays, type Load, load, runsWell } from './support/kube-load.ts'
import { type KubeProxy, kubeProxy } from './support/kube-proxy.ts'
import { type KubeWorld, kubeWorld, tellOnFailure } from './support/kube-world.ts'

let world: KubeWorld
let proxy: KubeProxy
let house: House
let work: Load
let stays: readonly RunHandle[]
beforeAll(async () => {
  world = await kubeWorld()
  proxy = await kubeProxy(world)
  house = await openHouse({ engine: { kubeconfig: proxy.kubeconfig } })
  work = await load(await house.project())
  stays = await Promise.all([work.deploy(), work.serve()].map(async (run) => runsWell(await run)))
})
beforeEach(() => {
  onTestFailed(() => proxy.heal())
  onTestFailed(() => void process.stderr.write(house.logs()))
  tellOnFailure(world)
})
afterAll(async () => {
  proxy?.heal()
  await house?.close()
  await proxy?.close()
  await world?.close()
})

const every = (nth: number, which: (request: SeenRequest) => boolean): FaultRule['match'] => {
  let times = 0
  return (request) => which(request) && ++times % nth === 0
}
const isCall = ({ watch }: SeenRequest): boolean => !watch
const isWrite = ({ method }: SeenRequest): boolean => method !== 'GET'
const isList = ({ method, url, watch }: SeenRequest): boolean => method === 'GET' && !watch && url.includes('limit=')
const isLog = ({ url }: SeenRequest): boolean => url.includes('/log?')
const isWatch = ({ watch }: SeenRequest): boolean => watch

/** Every line once more, and some older one with it. */
const echoing = (): ((line: string) => readonly string[]) => {
  const past: string[] = []
  return (line) => {
    const old = past[past.length >> 1]
    past.push(line)
    return [line, line, ...(old === undefined ? [] : [old])]
  }
}

const FAULTS: Readonly<Record<string, readonly FaultRule[]>> = {
  'answers every fifth call with 500': [{ match: every(5, isCall), fault: { answer: 500 } }],
  'answers every fifth write with 500 when it has done it': [{ match: every(5, isWrite), fault: { answer: 500, after: true } }],
  'asks for patience at every second call': [{ match: every(2, isCall), fault: { answer: 429, reason: 'TooManyRequests', retryAfter: 1 } }],
  'answers every fifth write with a conflict': [{ match: every(5, isWrite), fault: { answer: 409, reason: 'Conflict', message: 'the object has been modified' } }],
  'has forgotten the past at every watch and half of the lists': [
    { match: every(2, isWatch), fault: { answer: 410, reason: 'Expired', message: 'too old resource version' } },
    { match: every(2, isList), fault: { answer: 410, reason: 'Expired', message: 'the continue token is too old' } },
  ],
  'breaks the connection at every fifth call, before or after it has done it': [
    { match: every(10, isCall), fault: { reset: 'before' } },
    { match: every(5, isCall), fault: { reset: 'after' } },
  ],
  'says nothing to some writes and logs': [
    { match: every(2, isWrite), times: 3, fault: { hang: true } },
    { match: isLog, times: 1, fault: { hang: true } },
  ],
  'cuts every watch and some logs in mid-line': [
    { match: isWatch, fault: { cutAfterLines: 1 } },
    { match: every(2, isLog), fault: { cutAfterLines: 0 } },
  ],
  'ends every watch in mid-line as if that were all': [{ match: isWatch, fault: { cutAfterLines: 1, end: true } }],
  'tells every event twice and old ones again': [{ match: isWatch, fault: { lines: echoing() } }],
}

test.each(Object.entries(FAULTS))('an API server that %s changes the end of no run', async (_, rules) => {
  const running = await work.job({ steps: 8, code: 3 })
  await runsWell(running.run)
  for (const rule of rules) proxy.inject(rule)
  proxy.cutAll() // so that watches begin again, under the fault
  const counts = [running, ...(await Promise.all([0, 1, 2].map((code) => work.job({ steps: 1, code }))))]
  await expectCounted(world, counts)
  const short = await runsWell(await work.serve())
  await expectStays([short])
  await expectNothingLeft(world, { counts, stays: [short] })
  proxy.heal()
})

test('what was deployed before all that still runs in its first attempt, and ends as it should', async () => {
  await expectStays(stays)
  await expectNothingLeft(world, { counts: [], stays })
})
