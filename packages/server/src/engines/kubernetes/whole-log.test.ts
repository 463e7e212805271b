import { expect, test } from 'vitest'
import { wholeLog } from './whole-log.ts'

const LOG = Array.from({ length: 20_000 }, (_, at) => `line ${at}\n`).join('')
const END = LOG.split('\n').slice(-6).join('\n')

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += 5000) yield Buffer.from(text.slice(at, at + 5000))
}
const none = (): AsyncIterable<Uint8Array> => {
  throw new Error('nobody should ask')
}

async function reading(text: string, end: (() => AsyncIterable<Uint8Array>) | string, doubted = new Map<string, number>()): Promise<string> {
  const parts: Uint8Array[] = []
  const readEnd = typeof end === 'string' ? () => pieces(end) : end
  for await (const part of wholeLog({ read: () => pieces(text), readEnd, pod: 'a', doubted })) parts.push(part)
  return Buffer.concat(parts).toString()
}

test('a log that ends as its node says is whole', async () => {
  expect(await reading(LOG, END)).toBe(LOG)
})

test('one that breaks off is told, also where nothing came or the node knows no end', async () => {
  await expect(reading(LOG.slice(0, 60_000), END)).rejects.toThrow(/pod a broke off after 60000 bytes/)
  await expect(reading(LOG, '')).rejects.toThrow(/broke off/)
})

test('one that is twice as long as before and no longer is taken as it is', async () => {
  const doubted = new Map<string, number>()
  await expect(reading(LOG, 'other\n', doubted)).rejects.toThrow(/broke off/)
  expect(await reading(LOG, 'other\n', doubted)).toBe(LOG)
  expect(doubted.size).toBe(0)
})

test('a node that does not answer about the end leaves the question open', async () => {
  await expect(reading(LOG, none)).rejects.toThrow('nobody should ask')
})

test('a few lines that came at once cost no second question', async () => {
  expect(await reading('begin\nend\n', none)).toBe('begin\nend\n')
})

test('last lines that are longer than what is kept are compared as far as they are', async () => {
  const long = `${'x'.repeat(200_000)}\n`
  expect(await reading(long, long)).toBe(long)
})
