import { describe, expect, test } from 'vitest'
import type { Subject } from './subject.ts'

/** How jobs end, and what never gets to run. */
export const endCases = (on: () => Subject): void => {
  describe('a job that ends', () => {
    for (const code of [0, 1, 3, 126, 127, 137, 143])
      test(`with exit code ${code} is seen with that code, once, and not as out of memory`, async () => {
        const { container } = await on().run(on().script(`echo before; exit ${code}`))
        expect(container).toMatchObject({ state: 'ended', exitCode: code, oomKilled: false, restarts: 0, ready: false })
        expect(Date.parse(container.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(container.startedAt ?? ''))
      })
    test('by a signal of its own is seen with 128 and the signal', async () => {
      expect((await on().run(on().script('kill -9 $$; sleep 5'))).container.exitCode).toBe(137)
      expect((await on().run(on().script('kill -TERM $$; sleep 5'))).container.exitCode).toBe(143)
    })
  })
  describe('what cannot run is refused with its reason and leaves nothing behind', () => {
    const refusals = [
      ['an image that does not exist', () => ({ image: on().images.missing, pullPolicy: 'Never' }), ['image-not-found']],
      ['an image that cannot be fetched', () => ({ image: on().images.missing }), ['image-not-found', 'image-registry-unreachable', 'image-access-denied']],
      ['an image name with upper case', () => ({ image: 'Not/An/Image' }), ['image-bad-name']],
      ['an image name with a space', () => ({ image: 'busy box' }), ['image-bad-name']],
      ['a command that the image does not hold', () => ({ command: ['no-such-command'] }), ['command-not-found']],
      ['a path that the image does not hold', () => ({ command: ['/no/such/file'] }), ['command-not-found']],
      ['a file that is no program', () => ({ command: ['/etc/passwd'] }), ['command-not-executable']],
      ['a secret that does not exist', () => ({ secretNames: ['ABSENT'] }), ['secret-missing']],
    ] as const
    for (const [what, wanted, codes] of refusals)
      test(`${what}`, async () => {
        const workload = on().workload({ ...wanted(), ...('command' in wanted() ? {} : { command: ['true'] }) })
        const { code, evidence } = await on().refused(workload)
        expect(codes).toContain(code)
        expect(evidence.join('')).toMatch(/./)
        expect(await on().observe(workload)).toEqual({ phase: 'absent' })
        expect(await on().leftovers(workload)).toEqual([])
      })
  })
}
