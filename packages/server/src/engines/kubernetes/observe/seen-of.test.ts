import { describe, expect, test } from 'vitest'
import type { Cluster, Kept } from '../cluster.ts'
import { LABEL } from '../labels.ts'
import type { KubeObject } from '../objects.ts'
import { seenOf } from './seen-of.ts'
import { deployment, job, meta, NAME, NOW, pod, ref, service } from './testing/things.ts'

const kept = <T extends KubeObject>(...objects: readonly T[]): Kept<T> => ({
  get: (namespace, name) => objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  of: () => objects,
  all: () => objects,
})
const nothing = { jobs: kept(), deployments: kept(), replicaSets: kept(), pods: kept(), services: kept(), claims: kept(), events: kept() }
const cluster = (there: object, fresh = true): Cluster =>
  ({
    namespaceOf: (project: string) => project,
    cache: {
      kept: { ...nothing, ...there },
      eventsOf: () => [],
      assertFresh: () => {
        if (!fresh) throw new Error('the watch of pods is broken')
      },
    },
  }) as unknown as Cluster
const look = (there: object) => seenOf(cluster(there), ref, { now: NOW })
const labelled = (component: string, name = NAME) => meta(name, { labels: { [LABEL.workload]: NAME, [LABEL.component]: component } })

describe('what the cache has of a workload', () => {
  test('is nothing that one may judge by while the cache is not fresh', () => {
    expect(() => seenOf(cluster({}, false), ref, { now: NOW })).toThrow('the watch of pods is broken')
  })

  test('leaves out what belongs to another attempt, or lies in another namespace', () => {
    const other = pod({ name: 'x', meta: { labels: { [LABEL.workload]: 'davit-x-r1-2' } } })
    const elsewhere = pod({ name: 'y', meta: { namespace: 'q' } })
    const { pods, services } = look({ pods: kept(other, pod(), elsewhere), services: kept(service()) })
    expect(pods.map(({ metadata }) => metadata.name)).toEqual([`${NAME}-a`])
    expect(services).toHaveLength(1)
  })

  test('tells its action by a label, or else by the kind of what there is', () => {
    expect(look({ deployments: kept({ ...deployment(), metadata: labelled('serve') }) }).action).toBe('serve')
    expect(look({ deployments: kept(deployment()) }).action).toBe('deploy')
    expect(look({ jobs: kept(job()) }).action).toBe('job')
    expect(look({ pods: kept({ ...pod(), metadata: labelled('serve', 'p') }) }).action).toBe('serve')
    expect(look({ pods: kept(pod({ meta: { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: NAME, uid: 'u' }] } })) }).action).toBe('job')
  })
})
