import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { eventually, refOf, type Subject } from './subject.ts'

const MB10 = 10 * 1024 * 1024
const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex')

/** Logs that only a real process writes: large, binary, without an end. */
export const realLogCases = (on: () => Subject): void => {
  describe('a log is complete to its last byte', () => {
    const logs = [
      ['10 MB in short lines, the last one without an end', `yes 0123456789abcde | head -c ${MB10 - 1}`, () => Buffer.alloc(MB10 - 1, '0123456789abcde\n')],
      ['one line of 10 MB', `head -c ${MB10} /dev/zero | tr '\\0' x`, () => Buffer.alloc(MB10, 'x')],
      [
        'a line of 100 KB between short ones',
        "echo a; head -c 102400 /dev/zero | tr '\\0' y; echo; echo b",
        () => Buffer.from(`a\n${'y'.repeat(102_400)}\nb\n`),
      ],
      ['a line of 100 KB at the end', "head -c 102400 /dev/zero | tr '\\0' y; echo", () => Buffer.from(`${'y'.repeat(102_400)}\n`)],
      [
        'lines around the size at which engines cut',
        "for n in 16383 16384 16385 32768; do head -c $n /dev/zero | tr '\\0' z; echo; done; echo end",
        () => Buffer.from([16383, 16384, 16385, 32768].map((n) => `${'z'.repeat(n)}\n`).join('') + 'end\n'),
      ],
      ['bytes that are no text', "printf 'a\\377\\376\\000\\001\\303\\n\\200'", () => Buffer.from([0x61, 0xff, 0xfe, 0, 1, 0xc3, 0x0a, 0x80])],
      ['both streams in the order written', 'echo a; sleep 0.2; echo b >&2; sleep 0.2; printf c', () => Buffer.from('a\nb\nc')],
      ['nothing', 'true', () => Buffer.alloc(0)],
    ] as const
    for (const [what, script, expected] of logs)
      test(`${what}`, async () => {
        const workload = on().script(script)
        await on().started(workload)
        const followed = await on().log(workload, { follow: true })
        await on().ended(workload)
        const read = await on().log(workload)
        expect({ length: read.length, digest: digest(read) }).toEqual({ length: expected().length, digest: digest(expected()) })
        expect({ length: followed.length, digest: digest(followed) }).toEqual({ length: read.length, digest: digest(read) })
      })
    test('lines arrive while it runs, and the follow ends with it', async () => {
      const workload = on().script('echo first; sleep 6; echo second')
      await on().started(workload)
      const heard: string[] = []
      let stateAtFirst = ''
      for await (const bytes of on().engine.logs(refOf(workload), await on().containerName(workload), { follow: true, signal: new AbortController().signal })) {
        heard.push(Buffer.from(bytes).toString())
        if (heard.length === 1) stateAtFirst = (await on().observe(workload)).phase
      }
      expect(stateAtFirst).toBe('running')
      expect(heard.join('')).toBe('first\nsecond\n')
    })
    test('a follow ends when its reader goes away', async () => {
      const workload = on().script('echo up; sleep 60')
      await on().started(workload)
      const end = new AbortController()
      const heard: string[] = []
      for await (const bytes of on().engine.logs(refOf(workload), await on().containerName(workload), { follow: true, signal: end.signal })) {
        heard.push(Buffer.from(bytes).toString())
        end.abort()
      }
      expect(heard).toEqual(['up\n'])
    })
    test('a follow goes on through restarts of the container', async () => {
      const workload = on().script('echo up; sleep 0.5; exit 1', { action: 'deploy' })
      await on().started(workload)
      const end = new AbortController()
      let text = ''
      for await (const bytes of on().engine.logs(refOf(workload), await on().containerName(workload), { follow: true, signal: end.signal })) {
        text += Buffer.from(bytes).toString()
        if (text.split('\n').length > 3) end.abort()
      }
      expect(text).toBe('up\nup\nup\n')
      await eventually(
        () => on().observe(workload),
        ({ phase }) => phase === 'running',
      )
    })
  })
}
