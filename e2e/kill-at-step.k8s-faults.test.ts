import { afterAll, beforeAll, beforeEach, onTestFailed, test } from 'vitest'
import { type House, openHouse } from './support/house.ts'
import { type CountRun, expectCounted, expectNothingLeft, expectStays, type Load, load, runsWell } from './support/kube-load.ts'
import { type KubeMoment, type KubeProxy, kubeProxy } from './support/kube-proxy.ts'
import { type KubeWorld, kubeWorld, tellOnFailure } from './support/kube-world.ts'

let world: KubeWorld
let proxy: KubeProxy
let house: House
let work: Load
beforeAll(async () => {
  world = await kubeWorld()
  proxy = await kubeProxy(world)
  house = await openHouse({ engine: { kubeconfig: proxy.kubeconfig } })
  work = await load(await house.project())
})
beforeEach(async () => {
  onTestFailed(() => void process.stderr.write(house.logs()))
  tellOnFailure(world)
  proxy.heal()
  if (!house.server.alive()) await house.start() // a test that failed may have left it dead
})
afterAll(async () => {
  await house?.close()
  await proxy?.close()
  await world?.close()
})

const written = (resource: string) => new RegExp(`^PATCH .*/${resource}/[^/]*\\?(?!.*dryRun)`)

/** Where a job stands when its server dies: told by what passes between server and cluster. */
const STEPS = {
  'it was accepted': { when: 'before', call: /^PATCH .*dryRun/ },
  'it was rehearsed': { when: 'after', call: /^PATCH .*\/jobs\/.*dryRun/ },
  'its Job was made, held back': { when: 'after', call: written('jobs') },
  'its Secret was made': { when: 'after', call: written('secrets') },
  'its Secret was made, before its Job is let go': { when: 'before', call: written('jobs'), nth: 2 },
  'its Job was let go': { when: 'after', call: written('jobs'), nth: 2 },
  'it ended, before its log was read': { when: 'before', call: /^GET .*\/log\?/ },
  'its log was read': { when: 'after', call: /^GET .*\/log\?/ },
  'its log was stored': { when: 'before', call: /^DELETE .*\/jobs\// },
  'its Job was removed': { when: 'after', call: /^DELETE .*\/jobs\// },
} as const satisfies Record<string, KubeMoment>

const SERVE_STARTS: readonly KubeMoment[] = [
  { when: 'before', call: /^PATCH .*dryRun/ },
  { when: 'after', call: written('deployments') },
  { when: 'after', call: written('services') },
  { when: 'before', call: written('deployments'), nth: 2 },
  { when: 'after', call: written('deployments'), nth: 2 },
]
const SERVE_ENDS: readonly KubeMoment[] = [
  { when: 'before', call: /^DELETE .*\/deployments\// },
  { when: 'after', call: /^DELETE .*\/deployments\// },
  { when: 'after', call: /^DELETE .*\/replicasets\// },
  { when: 'after', call: /^PATCH .*\/pods\// },
  { when: 'before', call: /^GET .*\/log\?/ },
  { when: 'after', call: /^GET .*\/log\?/ },
  { when: 'before', call: /^DELETE .*\/pods\// },
]

/** Kills the server at that moment and starts the next one. */
const killAt = async (moment: KubeMoment): Promise<void> => {
  await proxy.once(moment, () => house.server.end('SIGKILL'))
  await house.start()
}
const killAtEach = async (moments: readonly KubeMoment[]): Promise<void> => {
  for (const moment of moments) await killAt(moment)
}

test.each(Object.entries(STEPS))('a job whose server is killed right after %s reaches its end, in one pod, with its whole log', async (_, moment) => {
  const back = killAt(moment)
  const count = await work.job({ steps: 1, code: 3 })
  await back
  await expectCounted(world, [count])
  await expectNothingLeft(world, { counts: [count], stays: [] })
})

test('a service whose server is killed at every step of its making and of its end is made once and ends as stopped', async () => {
  const made = killAtEach(SERVE_STARTS)
  const run = await work.serve()
  await made
  await runsWell(run)
  await expectStays([run])
  const ended = killAtEach(SERVE_ENDS)
  await run.stop()
  await ended
  await expectNothingLeft(world, { counts: [], stays: [run] })
})

test('a server killed again and again while jobs are submitted, run and end loses none and makes none twice', async () => {
  const counts: CountRun[] = []
  for (let times = 0; times < 4; times++) {
    const submitted = [work.job({ steps: 2 + times * 2, code: times }), work.job({ steps: 20, code: 0 })]
    counts.push(...(await Promise.all(submitted)))
    await house.server.end('SIGKILL')
    await house.start()
  }
  await expectCounted(world, counts)
  await expectNothingLeft(world, { counts, stays: [] })
})
