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

const given = (seesFromMemory: boolean, first: Observation) => {
  const now = { seen: first, fails: false, looks: 0 }
  const observe = async (): Promise<Observation> => {
    now.looks += 1
    if (now.fails) throw new Error('the cache is stale')
    return now.seen
  }
  return { now, sightings: createSightings({ engine: { observe, seesFromMemory } }) }
}

test('a hint of a run that looks as it did at the end of its last pass is no news', async () => {
  const { now, sightings } = given(true, sight('waiting', 1000))
  sightings.keep('r1', ref, now.seen)
  now.seen = sight('waiting', 900)
  expect(await sightings.isNews('r1')).toBe(false)
  now.seen = sight('running')
  expect(await sightings.isNews('r1')).toBe(true)
})

test('a hint is news before the first pass has ended, while another is under way, and where nothing can be seen', async () => {
  const { now, sightings } = given(true, sight('running'))
  expect(await sightings.isNews('r1')).toBe(true)
  sightings.keep('r1', ref, now.seen)
  sightings.forget('r1')
  expect(await sightings.isNews('r1')).toBe(true)
  sightings.keep('r1', ref, now.seen)
  now.fails = true
  expect(await sightings.isNews('r1')).toBe(true)
})

test('a hint that came while a pass began is news, also when it looks as before', async () => {
  const { now, sightings } = given(true, sight('running'))
  sightings.keep('r1', ref, now.seen)
  const asked = sightings.isNews('r1')
  sightings.forget('r1')
  expect(await asked).toBe(true)
})

test('an engine that must be asked for a sight is not asked for the sake of a hint', async () => {
  const { now, sightings } = given(false, sight('running'))
  sightings.keep('r1', ref, now.seen)
  expect(await sightings.isNews('r1')).toBe(true)
  expect(now.looks).toBe(0)
})
