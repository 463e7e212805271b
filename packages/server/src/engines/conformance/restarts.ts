import { describe, expect, test } from 'vitest'
import { eventually, refOf, type Subject } from './subject.ts'

/** The engine dies without warning and comes back. */
export const restartCases = (on: () => Subject): void => {
  describe('after the engine died and came back', () => {
    test('a job that ended meanwhile keeps its code and its log; one that runs goes on; hints and follows too', async () => {
      const longer = on().script('echo one; sleep 6; echo two; exit 4')
      const stays = on().script('sleep 600', { action: 'deploy' })
      for (const workload of [longer, stays]) await on().started(workload)
      const before = await on().running(stays)
      const end = new AbortController()
      const heard = new Set<string>()
      const hints = (async () => {
        for await (const id of on().engine.hints(end.signal)) heard.add(id)
      })()
      const following = on().log(longer, { follow: true })
      await eventually(
        async () => heard,
        (ids) => ids.has(stays.runId),
      )
      // Docker 20.10 loses what a container writes while dockerd is dead if it also ends then; so this one has written all it will.
      const meanwhile = on().script('trap "exit 3" USR1; echo one; echo two; while true; do sleep 0.1; done')
      await on().started(meanwhile)
      await eventually(
        () => on().log(meanwhile),
        (log) => log.toString() === 'one\ntwo\n',
      )
      heard.clear()
      await on().restart?.((await on().running(meanwhile)).containers[0]?.name ?? '')
      await eventually(
        async () => heard,
        (ids) => [meanwhile, longer, stays].every(({ runId }) => ids.has(runId)),
      )
      expect((await on().ended(meanwhile)).containers[0]).toMatchObject({ exitCode: 3, restarts: 0 })
      expect((await on().log(meanwhile)).toString()).toBe('one\ntwo\n')
      expect((await on().ended(longer)).containers[0]?.exitCode).toBe(4)
      expect((await following).toString()).toBe('one\ntwo\n')
      expect(await on().observe(stays)).toMatchObject({
        phase: 'running',
        uid: before.uid,
        containers: [{ startedAt: before.containers[0]?.startedAt, restarts: 0 }],
      })
      end.abort()
      await hints
      await on().engine.remove(refOf(stays), { volumes: true })
    })
  })
}
