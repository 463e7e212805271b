import { describe, expect, test } from 'vitest'
import type { Workload } from '#domain/workload.ts'
import { foreignVolume, takenName } from './claimed.ts'
import { kubeErrorOf } from './client/kube-error.ts'
import type { Cluster, KubeCall } from './cluster.ts'
import { ANNOTATION, LABEL } from './labels.ts'
import { manifestsFor } from './manifests/manifests-for.ts'
import { sampleOptions, workloadFrom } from './manifests/manifests-fixture.ts'
import { ALIAS_OF } from './manifests/services.ts'
import type { KubeObject } from './objects.ts'

const signal = new AbortController().signal

/** A cluster that has these objects, of which the cache knows those of our installation. */
function clusterWith(...objects: readonly KubeObject[]) {
  const asked: string[] = []
  const known = objects.filter(({ metadata }) => metadata.labels?.[LABEL.installation] === 'i1')
  const cluster = {
    namespaceOf: () => 'ns',
    cache: { kept: { services: { get: (_: string, name: string) => known.find((one) => one.metadata.name === name) } } },
    client: {
      request: async ({ path }: KubeCall) => {
        asked.push(path)
        const found = objects.find(({ metadata }) => path.endsWith(`/${metadata.name}`))
        if (!found) throw kubeErrorOf({ message: 'not found' }, 404)
        return found
      },
    },
  }
  return { cluster: cluster as unknown as Cluster, asked } // of a cluster no more is used here
}

const service = (name: string, { project = 'p', runId = 'r0', alias = true, installation = 'i1' } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name,
    namespace: 'ns',
    labels: { [LABEL.installation]: installation },
    annotations: { [ANNOTATION.ref]: JSON.stringify({ name: 'w', runId, project, attempt: 1 }), ...(alias && { [ALIAS_OF]: project }) },
  },
})

describe('the name that a serve asks for', () => {
  const asked = (service_name: string): Workload => workloadFrom({ service_name, service_ports: [{ port: 80 }] }, 'serve')
  const taken = (found: readonly KubeObject[], workload = asked('web')) =>
    takenName(clusterWith(...found).cluster, workload, { ...manifestsFor(workload, sampleOptions()), signal })

  test('is free, or given up by another run of the project, or its own already', async () => {
    expect(await taken([])).toBeUndefined()
    expect(await taken([service('web')])).toBeUndefined()
    expect(await taken([service('serve-r1', { runId: 'r1', alias: false })])).toBeUndefined()
  })

  test.each([
    ['another project', service('web', { project: 'q' }), 'project q'],
    ['a run whose own it is', service('web', { alias: false }), 'run r0'],
    ['another installation', service('web', { installation: 'i2' }), 'somebody else'],
    ['somebody who knows nothing of us', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'ns' } }, 'somebody else'],
  ])('is refused where it belongs to %s', async (_, found, owner) => {
    expect(await taken([found])).toEqual({ code: 'service-name-taken', evidence: [`service web in namespace ns belongs to ${owner}`] })
  })
})

describe('a volume that stands already', () => {
  const named = (project?: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'ns', ...(project !== undefined && { labels: { [LABEL.project]: project } }) },
  })
  const volume = (volume_type: 'persistent_volume_claim' | 'shared_volume' | 'config_map', spec: object) =>
    workloadFrom({ volumes: [{ volume_type, name: 'v', mount_path: '/v', spec: { ...spec } }] })
  const FORMS = [
    ['persistentvolumeclaims', volume('persistent_volume_claim', { claim_name: 'data' })],
    ['persistentvolumeclaims', volume('shared_volume', { claim_name: 'data' })],
    ['configmaps', volume('config_map', { config_map_name: 'data' })],
  ] as const

  test.each(FORMS)('of another project is refused: %s', async (kind, workload) => {
    const { cluster, asked } = clusterWith(named('q'))
    expect(await foreignVolume(cluster, workload, signal)).toMatchObject({
      code: 'admission-refused',
      evidence: [expect.stringContaining('belongs to project q')],
    })
    expect(asked).toEqual([`/api/v1/namespaces/ns/${kind}/data`])
  })

  test('of the project itself, of nobody or not there is none of ours to judge', async () => {
    for (const objects of [[named('p')], [named()], []]) expect(await foreignVolume(clusterWith(...objects).cluster, FORMS[0][1], signal)).toBeUndefined()
  })

  test('that the run makes itself is not asked about', async () => {
    const { cluster, asked } = clusterWith()
    await foreignVolume(cluster, volume('persistent_volume_claim', {}), signal)
    expect(asked).toEqual([])
  })
})
