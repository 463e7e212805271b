import { afterEach, beforeEach, expect, test } from 'vitest'
import { testImageName } from '../testbed/images/index.ts'
import { tracesOf } from '../testbed/kubernetes/lifecycle-fixture.ts'
import { demoPlace, expectWholeStory } from './demo-fixture.ts'

const PATIENCE_MS = 300_000
/** On the user's cluster the test images are loaded already. */
const onIt = ['--engine', 'kubernetes', ...(process.env['DAVIT_TEST_KUBECONFIG'] ? ['--image', testImageName('busybox')] : [])]

let place: ReturnType<typeof demoPlace>

beforeEach(() => {
  place = demoPlace()
})
afterEach(() => place.close())

/** Neither of the demo nor of a cluster that it brought. */
const expectNothingLeft = async (output: string): Promise<void> => {
  place.expectNothingLeft()
  const [, cluster] = /the Kubernetes (demo-\d+)/.exec(output) ?? []
  if (cluster !== undefined) expect(await tracesOf(cluster)).toEqual([])
}

test('the demo tells the same story on a Kubernetes, cleans up and ends with 0', { timeout: PATIENCE_MS }, async () => {
  const end = await place.startDemo(...onIt).ended
  expectWholeStory(end)
  expect(end.output).toMatch(/GET http:\S+ → 200|asking from inside the cluster/)
  await expectNothingLeft(end.output)
})

/** While its cluster comes up, or as soon as there is a server; and while a service starts. */
const MOMENTS = [process.env['DAVIT_TEST_KUBECONFIG'] ? 'starting the server' : 'bringing up the Kubernetes', "function-page.run('serve')"]

test.each(MOMENTS)('a Ctrl-C right after "%s" leaves nothing behind', { timeout: PATIENCE_MS }, async (moment) => {
  const { child, ended, says } = place.startDemo(...onIt)
  await says(moment)
  child.kill('SIGINT')
  const { code, output } = await ended
  expect({ code, output }).toMatchObject({ code: 130 })
  await expectNothingLeft(output)
})
