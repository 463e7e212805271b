import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { isFinal, LogChunk, Run } from 'davit/contract'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { given, inState, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
let server: ServerForTests
let url = ''
beforeAll(async () => {
  server = await serverForTests(await databases.fresh())
  url = await server.listen()
})

/** The lines of a stream as they come; hung up at the end of the test. */
async function* lines(path: string, signal?: AbortSignal): AsyncGenerator<unknown> {
  const hangUp = new AbortController()
  onTestFinished(() => hangUp.abort())
  const { status, headers, body } = await fetch(`${url}${path}`, { signal: signal ? AbortSignal.any([signal, hangUp.signal]) : hangUp.signal })
  if (status !== 200 || !body) throw new Error(`${path} answered ${status}`)
  expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
  expect(headers.get('x-api-level')).toBe('16')
  for await (const line of createInterface({ input: Readable.fromWeb(body as ReadableStream) })) yield JSON.parse(line)
}
const chunks = async (path: string): Promise<LogChunk[]> => LogChunk.array().parse(await Array.fromAsync(lines(path)))
const textOf = (all: readonly LogChunk[]): string => Buffer.concat(all.map(({ data }) => Buffer.from(data, 'base64'))).toString()
/** Throws where a byte is missing or comes twice. */
const expectSeamless = (all: readonly LogChunk[], from: number): void => {
  let at = from
  for (const { offset, data } of all) {
    expect(offset).toBe(at)
    at += Buffer.byteLength(data, 'base64')
  }
}

describe('watching a run', () => {
  test('shows it now and after each change, and ends when it is final', async () => {
    const { P, start } = await given(server, 'watch')
    const { id } = await start('sleep 0.2; echo done')
    const seen = Run.array().parse(await Array.fromAsync(lines(`${P}/runs/${id}/watch`)))
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.at(-1)?.status.state).toBe('COMPLETED')
    expect(seen.slice(0, -1).some(({ status }) => isFinal(status.state))).toBe(false)
  })

  test('of what has ended shows that, once', async () => {
    const { P, start } = await given(server, 'watch-ended')
    const { id } = await start('true')
    await server.until('watch-ended', id, inState('COMPLETED'))
    expect(await Array.fromAsync(lines(`${P}/runs/${id}/watch`))).toMatchObject([{ id, status: { state: 'COMPLETED' } }])
  })

  test('without follow shows it now', async () => {
    const { P, start } = await given(server, 'watch-once', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    expect(await Array.fromAsync(lines(`${P}/runs/${id}/watch?follow=false`))).toHaveLength(1)
  })

  test('ends when the run is deleted', async () => {
    const { P, start } = await given(server, 'watch-delete', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    await server.until('watch-delete', id, inState('RUNNING'))
    const watching = Array.fromAsync(lines(`${P}/runs/${id}/watch`))
    await server.send('DELETE', `${P}/runs/${id}`)
    expect(
      Run.array()
        .parse(await watching)
        .at(-1)?.status.state,
    ).toBe('DELETING')
  })

  test('what is not there is a 404 before the stream', async () => {
    await given(server, 'watch-none')
    for (const path of ['watch', 'logs/stream'])
      expect(await server.send('GET', `/api/v1/-/watch-none/runs/none/${path}`)).toMatchObject({
        status: 404,
        json: { message: expect.stringContaining('No such run.') },
      })
  })

  test('goes on for others when one hangs up', async () => {
    const { P, start } = await given(server, 'watch-many')
    const { id } = await start('sleep 0.3')
    const leaving = new AbortController()
    const first = (async () => {
      for await (const _ of lines(`${P}/runs/${id}/watch`, leaving.signal)) leaving.abort()
    })()
    const second = Array.fromAsync(lines(`${P}/runs/${id}/watch`))
    await expect(first).rejects.toThrow(/abort/i)
    expect(
      Run.array()
        .parse(await second)
        .at(-1)?.status.state,
    ).toBe('COMPLETED')
  })
})

describe('streaming a log', () => {
  const COUNT = 'echo one; sleep 0.1; echo two; sleep 0.1; echo three'

  test('while it is written gives every byte once, and says when it is complete', async () => {
    const { P, start } = await given(server, 'stream')
    const { id } = await start(COUNT)
    const all = await chunks(`${P}/runs/${id}/logs/stream?follow=true`)
    expect(textOf(all)).toBe('one\ntwo\nthree\n')
    expectSeamless(all, 0)
    expect(all.at(-1)).toMatchObject({ end: true, container: `davit-job-${id}-1-0`, attempt: 1 })
    expect(all.filter(({ end }) => end)).toHaveLength(1)
  })

  test('resumes from any byte, while it is written and afterwards', async () => {
    const { P, start } = await given(server, 'resume')
    const { id } = await start(COUNT)
    const live = await Promise.all([0, 1, 5, 14].map((offset) => chunks(`${P}/runs/${id}/logs/stream?follow=true&offset=${offset}`)))
    await server.until('resume', id, inState('COMPLETED'))
    const whole = 'one\ntwo\nthree\n'
    for (const [index, offset] of [0, 1, 5, 14].entries()) {
      expect(textOf(live[index] ?? [])).toBe(whole.slice(offset))
      expectSeamless(live[index] ?? [], offset)
    }
    for (let offset = 0; offset <= whole.length + 1; offset++) {
      const stored = await chunks(`${P}/runs/${id}/logs/stream?offset=${offset}`)
      expect(textOf(stored)).toBe(whole.slice(offset))
      expectSeamless(stored, offset)
    }
  })

  test('that broke off anywhere is continued without loss or repeat', async () => {
    const { P, start } = await given(server, 'broken')
    const { id } = await start(COUNT)
    let text = ''
    for (let rounds = 0; rounds < 20; rounds++) {
      const leaving = new AbortController()
      let ended = false
      try {
        for await (const line of lines(`${P}/runs/${id}/logs/stream?follow=true&offset=${Buffer.byteLength(text)}`, leaving.signal)) {
          const { data, end } = LogChunk.parse(line)
          text += Buffer.from(data, 'base64').toString()
          ended = end === true
          if (rounds < 3) leaving.abort()
        }
      } catch (error) {
        expect(leaving.signal.aborted, String(error)).toBe(true)
      }
      if (ended) break
    }
    expect(text).toBe('one\ntwo\nthree\n')
  })

  test('joins all replicas, or one by its name', async () => {
    const { P, start } = await given(server, 'joined', { action: 'deploy' })
    const { id } = await start('hostname; sleep infinity', { replicas: 3 })
    const { status } = await server.until('joined', id, ({ status: now }) => now.containers?.filter(({ ready }) => ready).length === 3)
    const names = status.containers?.map(({ name }) => name) ?? []
    expect(
      textOf(await chunks(`${P}/runs/${id}/logs/stream`))
        .trim()
        .split('\n')
        .toSorted(),
    ).toEqual(names)
    expect(textOf(await chunks(`${P}/runs/${id}/logs/stream?container=${names[1]}`))).toBe(`${names[1]}\n`)
    expect(await chunks(`${P}/runs/${id}/logs/stream?container=none`)).toEqual([])
  })

  test('follows into the next attempt', async () => {
    const { P, start } = await given(server, 'attempts')
    const { id } = await start('hostname; exit 1', { backoff_limit: 1 })
    const all = await chunks(`${P}/runs/${id}/logs/stream?follow=true`)
    expect(textOf(all)).toBe(`davit-job-${id}-1-0\ndavit-job-${id}-2-0\n`)
    expect(all.filter(({ end }) => end).map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  test.each([
    [0, ''],
    [1, 'three\n'],
    [2, 'two\nthree\n'],
    [50, 'one\ntwo\nthree\n'],
  ])('with tail %i begins with the last lines', async (tail, text) => {
    const { P, start } = await given(server, 'tail')
    const { id } = await start('echo one; echo two; echo three')
    await server.until('tail', id, inState('COMPLETED'))
    expect(textOf(await chunks(`${P}/runs/${id}/logs/stream?tail=${tail}`))).toBe(text)
  })

  test.each(['offset=-1', 'offset=x', 'offset=1.5', 'tail=-1', 'follow=perhaps'])('with %s is refused', async (query) => {
    const { P } = await given(server, 'stream-bad')
    expect(await server.send('GET', `${P}/runs/any/logs/stream?${query}`)).toMatchObject({
      status: 400,
      json: { errorCode: 'invalid', path: query.split('=')[0] },
    })
  })
})

describe('a long log', () => {
  test('comes whole, in pieces', async () => {
    const { P, start } = await given(server, 'long')
    const { id } = await start('echo $X;'.repeat(12), { env: { X: 'x'.repeat(100_000) } })
    await server.until('long', id, inState('COMPLETED'))
    const all = await chunks(`${P}/runs/${id}/logs/stream`)
    expect(textOf(all).length).toBe(12 * 100_001)
    expectSeamless(all, 0)
    expect(Math.max(...all.map(({ data }) => Buffer.byteLength(data, 'base64')))).toBeLessThanOrEqual(65_536)
  })

  test('longer than is stored keeps its end, and says what is missing', async () => {
    const small = await serverForTests(await databases.fresh(), { config: { body_limit: 1_000_000, max_log_bytes: 300_000, concurrency: 2 } })
    const { P, start } = await given(small, 'cut')
    const { id } = await start('echo $X;'.repeat(12), { env: { X: 'x'.repeat(99_999) } })
    const { status } = await small.until('cut', id, inState('COMPLETED'))
    const answer = await small.send('GET', `${P}/runs/${id}/logs/stream?offset=10`)
    const all = LogChunk.array().parse(
      answer.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    )
    const [first] = all
    expect(first?.dropped).toBe(first?.offset)
    expectSeamless(all, first?.offset ?? 0)
    expect((first?.offset ?? 0) + textOf(all).length).toBe(1_200_000)
    expect(textOf(all).length).toBeGreaterThanOrEqual(300_000)
    expect(textOf(all).length).toBeLessThan(900_000)
    expect(status.notes).toEqual([{ code: 'log-truncated', message: expect.stringContaining(`${first?.offset} of 1200000 bytes`) }])
  })
})
