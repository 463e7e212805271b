import { describe, expect, test } from 'vitest'
import { LogLost } from '#domain/log-lost.ts'
import { eventually, isRunning, refOf, type Subject } from './subject.ts'

/** How an unreachable engine says it: Node's words for a socket, a client's, the memory engine's own. */
const NOBODY = /ENOENT|ECONNREFUSED|connection refused|nobody answers/

/** Hints, ownership, and an engine that does not answer. */
export const watchingCases = (on: () => Subject): void => {
  describe('what is whose', () => {
    test('list names what is there, ended or not, and no more', async () => {
      const [over, busy, absent] = [on().script('true'), on().script('sleep 60'), on().script('true')]
      await on().run(over)
      await on().started(busy)
      const listed = await on().engine.list()
      expect(listed).toEqual(expect.arrayContaining([refOf(over), refOf(busy)]))
      expect(listed).not.toContainEqual(refOf(absent))
    })
    test("another installation's containers are not seen, stopped, removed or tidied away", async () => {
      const { engine, other } = on()
      const theirs = on().script('sleep 60', { project: 'theirs' })
      await eventually(
        () => other.apply(theirs, {}, new AbortController().signal),
        (applied) => 'done' in applied && applied.done,
      )
      try {
        expect(await engine.list()).not.toContainEqual(refOf(theirs))
        expect(await engine.observe(refOf(theirs))).toEqual({ phase: 'absent' })
        const [container] = (await eventually(() => other.observe(refOf(theirs)), isRunning)).containers
        expect(await Array.fromAsync(engine.logs(refOf(theirs), container?.name ?? '', { follow: true, signal: AbortSignal.timeout(5_000) }))).toEqual([])
        await engine.stop(refOf(theirs), 0)
        await engine.remove(refOf(theirs), { volumes: true })
        await engine.tidy()
        expect(await other.observe(refOf(theirs))).toMatchObject({ phase: 'running' })
      } finally {
        await other.remove(refOf(theirs), { volumes: true })
      }
    })
    test('a container that is not there has no log to be read: that is told, and not taken for one that said nothing', async () => {
      const [gone, signal] = [refOf(on().script('true')), new AbortController().signal]
      await expect(Array.fromAsync(on().engine.logs(gone, 'gone', { follow: false, signal }))).rejects.toThrow(LogLost)
      expect(await Array.fromAsync(on().engine.logs(gone, 'gone', { follow: true, signal }))).toEqual([])
    })
  })
  describe('hints', () => {
    test('tell of what is there already, of a start and of an end; and end with their signal', async () => {
      const before = on().script('sleep 60')
      await on().started(before)
      const end = new AbortController()
      const heard: string[] = []
      const listening = (async () => {
        for await (const id of on().engine.hints(end.signal)) heard.push(id)
      })()
      await eventually(
        async () => heard,
        (ids) => ids.includes(before.runId),
      )
      const workload = on().script('sleep 1')
      await on().started(workload)
      await eventually(
        async () => heard,
        (ids) => ids.includes(workload.runId),
      )
      await eventually(
        async () => heard.filter((id) => id === workload.runId),
        () => true,
      )
      heard.length = 0
      await on().ended(workload)
      await eventually(
        async () => heard,
        (ids) => ids.includes(workload.runId),
      )
      end.abort()
      await listening
    })
  })
  describe('an engine that does not answer', () => {
    test('throws at every call, and calls nothing absent', async () => {
      const { unreachable } = on()
      const workload = on().script('true')
      const signal = new AbortController().signal
      await expect(unreachable.apply(workload, {}, signal)).rejects.toThrow(NOBODY)
      await expect(unreachable.observe(refOf(workload))).rejects.toThrow(NOBODY)
      await expect(unreachable.stop(refOf(workload), 1)).rejects.toThrow(NOBODY)
      await expect(unreachable.remove(refOf(workload), { volumes: true })).rejects.toThrow(NOBODY)
      await expect(unreachable.list()).rejects.toThrow(NOBODY)
      await expect(Array.fromAsync(unreachable.logs(refOf(workload), 'x', { follow: false, signal }))).rejects.toThrow(NOBODY)
    })
    test('says so when asked for its health', async () => {
      const answer = await on()
        .unreachable.health()
        .catch((error: Error) => ({ healthy: false, version: undefined, detail: error.message }))
      expect(answer).toMatchObject({ healthy: false })
      expect(answer.detail).toBeTruthy()
      expect(await on().engine.health()).toMatchObject({ healthy: true })
    })
  })
}
