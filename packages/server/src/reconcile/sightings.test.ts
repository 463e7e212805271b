import { expect, test } from 'vitest'
import type { Observation } from '#domain/observation.ts'
import type { WorkloadRef } from '#domain/engine.ts'
import { createSightings } from './sightings.ts'

const ref: WorkloadRef = { name: 'davit-r1-1', runId: 'r1', attempt: 1, project: 'p', cluster: undefined }
const sight = (phase: 'waiting' | 'running', lookInMs?: number): Observation => ({
  phase,
  uid: 'u',
  containers: [],
  ports: [],
  clusterIP: undefined,
  lookInMs,
})

/** What an engine shows at a glance. */
const given = (first: Observation | undefined) => {
  const now = { seen: first }
  return { now, sightings: createSightings({ engine: { glance: () => now.seen } }) }
}

test('a hint of a run that looks as it did at the end of its last pass is no news', () => {
  const { now, sightings } = given(sight('waiting', 1000))
  sightings.keep('r1', ref, sight('waiting', 1000))
  now.seen = sight('waiting', 900)
  expect(sightings.isNews('r1')).toBe(false)
  now.seen = sight('running')
  expect(sightings.isNews('r1')).toBe(true)
})

test('a hint is news before the first pass has ended, and while another is under way', () => {
  const { sightings } = given(sight('running'))
  expect(sightings.isNews('r1')).toBe(true)
  sightings.keep('r1', ref, sight('running'))
  sightings.forget('r1')
  expect(sightings.isNews('r1')).toBe(true)
})

test('a hint is news where a glance does not tell', () => {
  const { now, sightings } = given(sight('running'))
  sightings.keep('r1', ref, sight('running'))
  now.seen = undefined
  expect(sightings.isNews('r1')).toBe(true)
})

test('every hint of an engine that must be asked for a sight is news', () => {
  const sightings = createSightings({ engine: {} })
  sightings.keep('r1', ref, sight('running'))
  expect(sightings.isNews('r1')).toBe(true)
})
