import { expect, test } from 'vitest'
import { mailbox, oneAtATime } from './mailbox.ts'

test('a mailbox yields what was put before and after the taking begins, once each, and ends with its signal', async () => {
  const box = mailbox<string>()
  const end = new AbortController()
  for (const id of ['a', 'b', 'a']) box.put(id)
  const heard: string[] = []
  const taking = (async () => {
    for await (const id of box.take(end.signal)) {
      heard.push(id)
      if (id === 'c') box.put('d')
      if (id === 'd') end.abort()
    }
  })()
  await new Promise(setImmediate)
  expect(heard).toEqual(['a', 'b'])
  box.put('c')
  await taking
  expect(heard).toEqual(['a', 'b', 'c', 'd'])
})

test('work of one key is done in order, a failure included, and other keys do not wait', async () => {
  const exclusive = oneAtATime()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = exclusive('x', async () => {
    await gate.promise
    done.push('x1')
    throw new Error('first failed')
  })
  const second = exclusive('x', async () => void done.push('x2'))
  await exclusive('y', async () => void done.push('y'))
  gate.resolve()
  await expect(first).rejects.toThrow('first failed')
  await second
  expect(done).toEqual(['y', 'x1', 'x2'])
})
