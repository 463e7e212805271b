import { test } from 'vitest'
import { faultScene } from './support/fault-scene.ts'
import { type CountRun, expectCounted, expectNothingLeft, expectStays, runsWell } from './support/kube-load.ts'
import type { KubeMoment } from './support/kube-proxy.ts'

const scene = faultScene({ proxied: true })

const written = (resource: string) => new RegExp(`^PATCH .*/${resource}/[^/]*\\?(?!.*dryRun)`)

/** Where a job stands when its server dies: told by what passes between server and cluster. */
const STEPS = {
  'it was accepted': { when: 'before', call: /^PATCH .*dryRun/ },
  'it was rehearsed': { when: 'after', call: /^PATCH .*\/jobs\/.*dryRun/ },
  'its Job was made, held back': { when: 'after', call: written('jobs') },
  'its Secret was made': { when: 'after', call: written('secrets') },
  'its Job was let go': { when: 'after', call: written('jobs'), nth: 2 },
  'it ended, before its log was read': { when: 'before', call: /^GET .*\/log\?/ },
  'its log was read': { when: 'after', call: /^GET .*\/log\?/ },
  'its log was stored': { when: 'before', call: /^DELETE .*\/jobs\// },
  'its Job was removed': { when: 'after', call: /^DELETE .*\/jobs\// },
} as const satisfies Record<string, KubeMoment>

/** The same of a job that has nothing beside its Job. */
const BARE_STEPS: readonly KubeMoment[] = [
  { when: 'before', call: written('jobs') },
  { when: 'after', call: written('jobs') },
]

const SERVE_STARTS: readonly KubeMoment[] = [
  { when: 'after', call: written('deployments') },
  { when: 'after', call: written('services') },
  { when: 'after', call: written('deployments'), nth: 2 },
]
const SERVE_ENDS: readonly KubeMoment[] = [
  { when: 'after', call: /^DELETE .*\/deployments\// },
  { when: 'after', call: /^DELETE .*\/replicasets\// },
  { when: 'after', call: /^PATCH .*\/pods\// },
  { when: 'after', call: /^GET .*\/log\?/ },
  { when: 'before', call: /^DELETE .*\/pods\// },
]

/** Kills the server at that moment and starts the next one. */
const killAt = async (moment: KubeMoment): Promise<void> => {
  await scene.proxy.once(moment, () => scene.house.server.end('SIGKILL'))
  await scene.house.start()
}
const killAtEach = async (moments: readonly KubeMoment[]): Promise<void> => {
  for (const moment of moments) await killAt(moment)
}

test.each(Object.entries(STEPS))('a job whose server is killed right after %s reaches its end, in one pod, with its whole log', async (_, moment) => {
  const back = killAt(moment)
  const count = await scene.work.job({ steps: 1, code: 3 })
  await back
  await expectCounted(scene.world, [count])
  await expectNothingLeft(scene.world, { counts: [count], stays: [] })
})

test('a job without a secret whose server is killed right before and right after it was made runs once', async () => {
  const made = killAtEach(BARE_STEPS)
  const count = await scene.work.job({ steps: 1, code: 3, bare: true })
  await made
  await expectCounted(scene.world, [count])
  await expectNothingLeft(scene.world, { counts: [count], stays: [] })
})

test('a service whose server is killed at every step of its making is made once, and answers', async () => {
  const made = killAtEach(SERVE_STARTS)
  const run = await scene.work.serve()
  await made
  await runsWell(run)
  await expectStays([run])
  await expectNothingLeft(scene.world, { counts: [], stays: [run] })
})

test('a service whose server is killed at every step of its end has ended as stopped, with its log', async () => {
  const run = await runsWell(await scene.work.serve())
  const ended = killAtEach(SERVE_ENDS)
  await run.stop()
  await ended
  await expectNothingLeft(scene.world, { counts: [], stays: [run] })
})

test('a server killed again and again while jobs are submitted, run and end loses none and makes none twice', async () => {
  const counts: CountRun[] = []
  for (let times = 0; times < 3; times++) {
    const submitted = [scene.work.job({ steps: 2 + times * 2, code: times, bare: times % 2 === 0 }), scene.work.job({ steps: 20, code: 0 })]
    counts.push(...(await Promise.all(submitted)))
    await scene.house.server.end('SIGKILL')
    await scene.house.start()
  }
  await expectCounted(scene.world, counts)
  await expectNothingLeft(scene.world, { counts, stays: [] })
})
