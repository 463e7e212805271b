import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { demoPlace, expectWholeStory } from './demo-fixture.ts'

let place: ReturnType<typeof demoPlace>

beforeEach(() => {
  place = demoPlace()
})
afterEach(() => place.close())

test('the demo tells its whole story, cleans up and ends with 0', async () => {
  expectWholeStory(await place.startDemo().ended)
  place.expectNothingLeft()
})

const MOMENTS = [
  'building',
  'starting the server',
  'the server answers',
  "function-container.run('job')",
  "function-page.run('serve')",
  "function-worker.run('deploy')",
]

test.each(MOMENTS)('a Ctrl-C right after "%s" leaves nothing behind', async (moment) => {
  const { child, ended, says } = place.startDemo()
  await says(moment)
  child.kill('SIGINT')
  const { code, output } = await ended
  expect({ code, output }).toMatchObject({ code: 130 })
  place.expectNothingLeft()
})

test('a demo whose launcher is killed cleans up as well', async () => {
  const { child, says } = place.startDemo()
  await says("function-page.run('serve')")
  child.kill('SIGKILL')
  const deadline = performance.now() + 60_000
  while (place.isBusy() && performance.now() < deadline) await sleep(100)
  place.expectNothingLeft()
})
