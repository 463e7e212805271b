import { expect, test } from 'vitest'
import { lackOf } from './lack.ts'
import { deployment, NAME, ofDeployment, ofJob, ofService, pod, running, saying, stopped, waiting } from './testing/things.ts'

const stuck = (words: string) => pod({ state: waiting('CreateContainerConfigError', words) })

test('nothing is lacking where all stands and all runs', () => {
  expect(lackOf(ofService([pod({ state: running })]))).toEqual([])
})

test('a Service is that is not there', () => {
  expect(lackOf(ofService([], { names: { missing: ['api'], lost: ['shop'] } }))).toEqual([{ kind: 'Service', name: 'api' }])
})

test('a Secret or a ConfigMap of its own is which a node cannot find', () => {
  expect(lackOf(ofDeployment([stuck(`secret "${NAME}" not found`)]))).toEqual([{ kind: 'Secret', name: NAME }])
  const mounting = saying(pod(), ['FailedMount', `MountVolume.SetUp failed for volume "v" : configmap "${NAME}" not found`])
  expect(lackOf(ofDeployment([mounting]))).toEqual([{ kind: 'ConfigMap', name: NAME }])
})

test('neither one of somebody else is, nor what a node could not find before it ran', () => {
  expect(lackOf(ofDeployment([stuck('secret "theirs" not found')]))).toEqual([])
  expect(lackOf(ofDeployment([saying(pod({ state: running }), ['FailedMount', `secret "${NAME}" not found`])]))).toEqual([])
})

test('of a job nothing is, nor of what we stop', () => {
  const words = `secret "${NAME}" not found`
  expect(lackOf(ofJob(stuck(words)))).toEqual([])
  expect(lackOf(ofDeployment([stuck(words)], { deployment: deployment({ meta: stopped }) }))).toEqual([])
})
