import { expect, test } from 'vitest'
import { fits, parseTopic } from './notifications.ts'

const event = { entity: 'run', id: 'r1', project: 'p', user: 'ann', name: 'n', kind: 'container+job:run', action: 'UPDATE' } as const
const seenBy = (destination: string, name = 'ann') => {
  const topic = parseTopic(destination)
  return topic && fits(topic, event, { name })
}

test('a topic is of all projects, of one, of one entity, or of the subscriber alone', () => {
  expect(seenBy('/notifications/runs')).toBe(true)
  expect(seenBy('/notifications/runs/r1')).toBe(true)
  expect(seenBy('/notifications/runs/r2')).toBe(false)
  expect(seenBy('/notifications/-/p/runs')).toBe(true)
  expect(seenBy('/notifications/-/q/runs')).toBe(false)
  expect(seenBy('/notifications/functions')).toBe(false)
  expect(seenBy('/user/notifications/runs')).toBe(true)
  expect(seenBy('/user/notifications/runs', 'bob')).toBe(false)
})

test('what clients follow and Davit has none of is a topic that nothing fits', () => {
  for (const name of ['artifacts', 'dataitems', 'models', 'workflows', 'triggers', 'logs'])
    expect([seenBy(`/notifications/${name}`), seenBy(`/user/notifications/${name}`), seenBy(`/notifications/-/p/${name}/r1`)]).toEqual([false, false, false])
})

test('what is no topic is none', () => {
  for (const destination of ['', '/notifications', '/notifications/constructor', '/notifications/runs/a/b', '/queue/runs'])
    expect(parseTopic(destination)).toBeUndefined()
})
