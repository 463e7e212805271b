import { describe, expect, test } from 'vitest'
import { ANNOTATION } from '../labels.ts'
import type { Service } from '../objects.ts'
import { appliedAnnotation } from './applied.ts'
import { editsOf } from './edits.ts'
import { deployment, meta, NAME, ofDeployment, ofJob, ofService, pod, replicaSet, running, service, stopped, deleted } from './testing/things.ts'

const template = (image: string) => ({ spec: { containers: [{ name: 'main', image }] } })
const wanted = { replicas: 2, template: template('app:1') }
const live = (spec: object, annotations = appliedAnnotation(deployment({ spec: wanted }))) =>
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

describe('an edit of a container by hand', () => {
  const container = { name: 'main', image: 'app:1', env: 'digest-1', resources: { limits: { memory: '2000000000' } } }
  const made = { replicas: 1, template: { spec: { containers: [container] } } }
  const now = (said: object) =>
    live({ ...made, template: { spec: { containers: [{ ...container, ...said }] } } }, appliedAnnotation(deployment({ spec: made })))

  test('is said of its variables and its command without what they are', () => {
    expect(editsOf(now({ env: 'digest-2', command: 'digest-3' }))).toEqual([
      `command of Deployment ${NAME} was changed in the cluster`,
      `env of Deployment ${NAME} was changed in the cluster`,
    ])
  })

  test('is said of its resources, but not of how the cluster writes them', () => {
    expect(editsOf(now({ resources: { limits: { memory: '2G' } } }))).toEqual([])
    expect(editsOf(now({ resources: { limits: { memory: '1G' } } }))).toEqual([
      `resources of Deployment ${NAME} was changed in the cluster from {"limits.memory":2000000000} to {"limits.memory":1000000000}`,
    ])
  })
})

describe('an edit of a Service by hand', () => {
  const spec = { type: 'NodePort', selector: { b: '1', a: '2' }, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] } as const
  const now = (said: Service['spec'], made: Service['spec'] = spec) =>
    ofService([], { services: [service({ ...made, ...said }, { metadata: meta('api', { annotations: appliedAnnotation(service(made)) }) })] })

  test('is not what the cluster itself fills in', () => {
    expect(editsOf(now({ clusterIP: '10.96.0.9', selector: { a: '2', b: '1' }, ports: [{ ...spec.ports[0], nodePort: 30_123 }] }))).toEqual([])
  })

  test('is said with what it was and what it is', () => {
    expect(editsOf(now({ type: 'ClusterIP', selector: { app: 'other' }, ports: [{ ...spec.ports[0], port: 81 }] }))).toEqual([
      'type of Service api was changed in the cluster from NodePort to ClusterIP',
      expect.stringMatching(/^ports of Service api was changed in the cluster from .*"port":80.* to .*"port":81/),
      'selector of Service api was changed in the cluster from {"b":"1","a":"2"} to {"app":"other"}',
    ])
  })

  test('of a node port that was asked for is said', () => {
    const made = { ...spec, ports: [{ ...spec.ports[0], nodePort: 30_001 }] }
    expect(editsOf(now({ ports: [{ ...spec.ports[0], nodePort: 30_002 }] }, made))).toEqual([expect.stringMatching(/30001.* to .*30002/)])
  })
})

describe('what belongs to a deployment and was deleted', () => {
  const claim = (name: string, more = {}) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: meta(name, more) })
  const annotations = appliedAnnotation(deployment(), { services: [], claims: ['data'] })
  const owned = (said: object) => ofDeployment([pod({ state: running })], { deployment: deployment({ meta: { annotations } }), ...said })

  test('is said of a Service, and of a claim that is gone or going', () => {
    expect(editsOf(ofService([], { names: { missing: ['api'], lost: [] } }))).toEqual(['Service api was deleted in the cluster'])
    expect(editsOf(owned({ claims: [claim('data')] }))).toEqual([])
    const gone = ['PersistentVolumeClaim data was deleted in the cluster']
    expect(editsOf(owned({}))).toEqual(gone)
    expect(editsOf(owned({ claims: [claim('data', deleted())] }))).toEqual(gone)
  })

  test('is not said of a deployment that we stop', () => {
    expect(editsOf(owned({ deployment: deployment({ meta: { annotations: { ...annotations, ...stopped.annotations } } }) }))).toEqual([])
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
