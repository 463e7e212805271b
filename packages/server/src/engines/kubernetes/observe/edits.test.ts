import { describe, expect, test } from 'vitest'
import { ANNOTATION } from '../labels.ts'
import { appliedAnnotation, editsOf } from './edits.ts'
import { deployment, NAME, ofDeployment, ofJob, pod, replicaSet, running, stopped, deleted } from './testing/things.ts'

const template = (image: string) => ({ spec: { containers: [{ name: 'main', image }] } })
const wanted = { replicas: 2, template: template('app:1') }
const live = (spec: object, annotations = appliedAnnotation(wanted)) =>
  ofDeployment([], { deployment: deployment({ meta: { annotations }, spec: { ...wanted, ...spec } }) })

describe('an edit by hand', () => {
  test('is nothing where nothing was changed', () => {
    expect(editsOf(live({}))).toEqual([])
    expect(editsOf(live({ paused: false }))).toEqual([])
  })

  test('is said with what it was and what it is', () => {
    expect(editsOf(live({ replicas: 5 }))).toEqual([`replicas of Deployment ${NAME} was changed in the cluster from 2 to 5`])
    expect(editsOf(live({ paused: true, template: template('app:2') }))).toEqual([
      `paused of Deployment ${NAME} was changed in the cluster from false to true`,
      `image of Deployment ${NAME} was changed in the cluster from app:1 to app:2`,
    ])
  })

  test('is not guessed where the annotation is missing or is no JSON', () => {
    expect(editsOf(live({ replicas: 5 }, {}))).toEqual([])
    expect(editsOf(live({ replicas: 5 }, { [ANNOTATION.applied]: 'x' }))).toEqual([])
  })
})

describe('a main object that somebody deleted', () => {
  const pods = [pod({ state: running })]
  test('and left its pods is said', () => {
    expect(editsOf(ofDeployment(pods, { deployment: undefined }))).toEqual([expect.stringContaining('they go on without it')])
    expect(editsOf(ofJob(pods[0], { job: undefined }))).toHaveLength(1)
  })

  test('is not said of our own stop, nor while its pods go too', () => {
    expect(editsOf(ofDeployment([pod({ state: running, meta: stopped })], { deployment: undefined }))).toEqual([])
    expect(editsOf(ofDeployment([pod({ state: running, meta: deleted() })], { deployment: undefined }))).toEqual([])
    const going = { ...replicaSet(), metadata: { ...replicaSet().metadata, ...deleted() } }
    expect(editsOf(ofDeployment(pods, { deployment: undefined, replicaSets: [going] }))).toEqual([])
  })
})
