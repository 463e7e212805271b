import { expect, test } from 'vitest'
import type { Cluster } from './cluster.ts'
import type { KubeObject } from './objects.ts'
import { job, ref } from './observe/testing/things.ts'
import { remover } from './remove.ts'
import type { Writer } from './write.ts'

const nothing = { get: () => undefined, of: () => [], all: () => [] }

/** What a removal asks of a cluster whose cache knows no more than this main object. */
async function askedFor(main: KubeObject | undefined, { volumes = false, gone = false } = {}) {
  const asked: string[] = []
  const kept = { jobs: { ...nothing, get: () => main }, deployments: nothing, replicaSets: nothing, pods: nothing, services: nothing, claims: nothing }
  const cluster = { namespaceOf: () => 'ns', cache: { kept, assertFresh: () => undefined, drop: () => undefined } }
  const write = {
    delete: async (kind: string) => (asked.push(kind), gone ? undefined : main),
    deleteAll: async (kind: string, _: string, selector: string) => void asked.push(`${kind} ${selector}`),
  }
  const remove = remover({ cluster: cluster as unknown as Cluster, write: write as unknown as Writer }) // of either no more is used here
  await remove(ref, { volumes })
  return asked
}

const BY_LABEL = ['Secret', 'ConfigMap', 'Service'].map((kind) => `${kind} davit.dev/workload=${ref.name}`)

test('a main object takes along what belongs to it', async () => {
  expect(await askedFor(job())).toEqual(['Job'])
})

test('what the main object does not take along goes by its label, whether or not anything of it was seen', async () => {
  expect(await askedFor(undefined)).toEqual(BY_LABEL)
  expect(await askedFor(job(), { gone: true })).toEqual(['Job', ...BY_LABEL])
  expect(await askedFor(job({ meta: { deletionTimestamp: 'now' } }))).toEqual(['Job', ...BY_LABEL])
})

test('volumes go by the label of their run, whether or not any was seen: a late request may have made one', async () => {
  expect(await askedFor(job(), { volumes: true })).toEqual(['Job', 'PersistentVolumeClaim davit.dev/run=r1'])
})
