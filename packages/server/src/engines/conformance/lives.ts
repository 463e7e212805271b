import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { eventually, refOf, type Subject } from './subject.ts'

/** Starting, stopping and removing: once or ten times, the same. */
export const lifeCases = (on: () => Subject): void => {
  describe('asking again changes nothing', () => {
    test('apply finds what it made: same uid, one start', async () => {
      const workload = on().script('echo once; sleep 1')
      const first = await on().apply(workload)
      expect(await on().apply(workload)).toEqual(first)
      await on().ended(workload)
      expect(await on().apply(workload)).toEqual(first)
      await sleep(300)
      expect((await on().ended(workload)).uid).toBe('done' in first && first.done ? first.uid : '')
      expect((await on().log(workload)).toString()).toBe('once\n')
    })
    test('many applies at once start one container', async () => {
      const workload = on().script('echo once')
      const applied = await Promise.all(Array.from({ length: 5 }, () => on().apply(workload)))
      expect(new Set(applied.map((one) => JSON.stringify(one))).size).toBe(1)
      await on().ended(workload)
      expect((await on().log(workload)).toString()).toBe('once\n')
    })
    test('stop and remove may come early, twice and late', async () => {
      const workload = on().script('sleep 60')
      await on().engine.stop(refOf(workload), 1)
      await on().engine.remove(refOf(workload), { volumes: true })
      await on().started(workload)
      await Promise.all([on().engine.stop(refOf(workload), 1), on().engine.stop(refOf(workload), 1)])
      await on().ended(workload)
      await on().engine.stop(refOf(workload), 1)
      await on().engine.remove(refOf(workload), { volumes: true })
      await on().engine.remove(refOf(workload), { volumes: true })
      if (!on().engine.can.clusters) expect(await on().observe(workload)).toEqual({ phase: 'absent' })
      // On a cluster a pod that was being made when its Job was asked to stop shows for a moment.
      await eventually(
        () => on().observe(workload),
        ({ phase }) => phase === 'absent',
      )
      expect(await on().leftovers(workload)).toEqual([])
    })
    test('an apply whose caller lost its right does nothing', async () => {
      const workload = on().script('true')
      await expect(on().engine.apply(workload, {}, AbortSignal.abort(new Error('lease lost')))).rejects.toThrow('lease lost')
      expect(await on().observe(workload)).toEqual({ phase: 'absent' })
    })
  })
  describe('stop', () => {
    test('asks first: a trap decides the exit code', async () => {
      const workload = on().script("trap 'echo bye; exit 5' TERM; echo up; while true; do sleep 0.1; done", { action: 'deploy' })
      await on().started(workload)
      await eventually(
        () => on().log(workload),
        (log) => log.toString() === 'up\n',
      )
      await on().engine.stop(refOf(workload), 20)
      const seen = await on().ended(workload)
      expect(seen.containers[0]?.exitCode).toBe(5)
      expect((await on().log(workload)).toString()).toBe('up\nbye\n')
    })
    test('kills what does not listen, when its time is over', async () => {
      const workload = on().script("trap '' TERM; echo up; while true; do sleep 0.1; done")
      await on().started(workload)
      await eventually(
        () => on().log(workload),
        (log) => log.toString() === 'up\n',
      )
      const asked = Date.now()
      await on().engine.stop(refOf(workload), 1)
      expect(Date.now() - asked, 'stop returns at once').toBeLessThan(900)
      expect((await on().ended(workload)).containers[0]).toMatchObject({ exitCode: 137, oomKilled: false })
    })
    test('ends a process that knows no signals', async () => {
      const workload = on().workload({ command: ['sleep', '600'] })
      await on().started(workload)
      await on().running(workload)
      await on().engine.stop(refOf(workload), 30)
      expect((await on().ended(workload)).containers[0]?.exitCode).toBe(143)
    })
    test('of a deployment is for good', async () => {
      const workload = on().script('while true; do sleep 0.1; done', { action: 'deploy', replicas: 2 })
      await on().started(workload)
      await on().running(workload)
      await on().engine.stop(refOf(workload), 1)
      await on().ended(workload)
      await sleep(1_500)
      await on().apply(workload)
      expect((await on().ended(workload)).containers).toHaveLength(2)
    })
  })
  describe('a deployment', () => {
    test('of two replicas: one that dies is started again, and counted', async () => {
      const workload = on().script('echo up; while true; do sleep 0.1; done', { action: 'deploy', replicas: 2 })
      await on().started(workload)
      const [first, second] = (await on().running(workload)).containers
      expect([first?.replica, second?.replica]).toEqual([0, 1])
      await on().crash(second?.name ?? '')
      const seen = await eventually(
        () => on().running(workload),
        ({ containers }) => containers[1]?.restarts === 1,
      )
      expect(seen.containers[0]).toMatchObject({ restarts: 0, startedAt: first?.startedAt })
      expect(seen.containers[1]).toMatchObject({ name: second?.name, state: 'running', lastExit: { exitCode: 137, oomKilled: false } })
      // It runs before it has said so.
      const log = await eventually(
        () => on().log(workload, { replica: 1 }),
        (text) => text.toString() !== 'up\n',
      )
      expect(log.toString()).toBe('up\nup\n')
    })
    test('that keeps ending shows how often and how', async () => {
      const workload = on().script('exit 7', { action: 'deploy' })
      await on().started(workload)
      const seen = await eventually(
        () => on().observe(workload),
        (one) => one.phase !== 'absent' && (one.containers[0]?.restarts ?? 0) >= 2,
      )
      expect(seen).toMatchObject({ phase: 'running', containers: [{ lastExit: { exitCode: 7, oomKilled: false } }] })
    })
  })
}
