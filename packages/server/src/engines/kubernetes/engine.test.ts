import { expect, test } from 'vitest'
import { workbench } from './client/testing/workbench.ts'
import { kubernetesEngine } from './engine.ts'
import { ANNOTATION, LABEL } from './labels.ts'

const of = (run: string, attempt: number, name: string, installation = 'me') => ({
  metadata: {
    name,
    labels: { [LABEL.installation]: installation, [LABEL.run]: run },
    annotations: { [ANNOTATION.ref]: JSON.stringify({ name, runId: run, project: 'p', attempt }) },
  },
})

test('all that is ours is listed: each workload once, and the claims that outlived theirs as what belongs to no attempt', async () => {
  await using parts = await workbench()
  parts.api.put('jobs', of('r1', 2, 'w1'))
  parts.api.put('pods', { ...of('r1', 2, 'w1'), metadata: { ...of('r1', 2, 'w1').metadata, name: 'w1-x' } })
  parts.api.put('persistentvolumeclaims', of('r2', 0, 'c1'))
  parts.api.put('persistentvolumeclaims', of('r3', 0, 'c2', 'other'))
  const engine = kubernetesEngine({ installation: 'me', clusters: { default: { kubeconfig: await parts.kubeconfig() } } })
  try {
    const common = { project: 'p', cluster: undefined }
    expect(await engine.list()).toEqual([
      { ...common, name: 'w1', runId: 'r1', attempt: 2 },
      { ...common, name: 'c1', runId: 'r2', attempt: 0 },
    ])
  } finally {
    await engine.close()
  }
})

test('a glance costs no call: it tells what the watches know, and nothing where that may be behind', async () => {
  await using parts = await workbench()
  parts.api.put('jobs', of('r1', 1, 'w1'))
  const engine = kubernetesEngine({ installation: 'me', clusters: { default: { kubeconfig: await parts.kubeconfig() } } })
  const ref = { name: 'w1', runId: 'r1', project: 'p', attempt: 1, cluster: undefined }
  try {
    expect(engine.glance?.(ref)).toBeUndefined()
    await engine.list()
    const asked = parts.proxy.seen.filter(({ watch }) => !watch).length
    expect(engine.glance?.(ref)).toMatchObject({ phase: 'waiting' })
    expect(engine.glance?.({ ...ref, name: 'gone', runId: 'r2' })).toBeUndefined()
    expect(parts.proxy.seen.filter(({ watch }) => !watch).length).toBe(asked)
  } finally {
    await engine.close()
  }
})
