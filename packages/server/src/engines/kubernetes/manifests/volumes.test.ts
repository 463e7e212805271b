import type { Volume } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { manifestsFor } from './manifests-for.ts'
import { sampleOptions, workloadFrom } from './manifests-fixture.ts'
import { claimName, dataKey, volumeName } from './names.ts'
import { missingSecrets } from './secret.ts'

type Given = Partial<Volume> & Pick<Volume, 'volume_type'>
const volume = (given: Given): Volume => ({ name: 'data', mount_path: '/data', ...given })
const of = (given: Given | readonly Given[], more: Parameters<typeof workloadFrom>[0] = {}, options = {}) => {
  const volumes = (Array.isArray(given) ? given : [given]).map(volume)
  const made = manifestsFor(workloadFrom({ volumes, ...more }), sampleOptions(options))
  const { volumes: sources, containers } = made.main.spec.template.spec
  return { ...made, source: sources?.[0], mount: containers[0].volumeMounts?.[0] }
}
const CLAIM = expect.stringMatching(/^davit-r1-data-[0-9a-f]{8}$/)

describe('each kind of volume', () => {
  test.each<[Given, object]>([
    [{ volume_type: 'empty_dir' }, { emptyDir: {} }],
    [{ volume_type: 'empty_dir', spec: { medium: 'Memory', size_limit: '64Mi' } }, { emptyDir: { medium: 'Memory', sizeLimit: '67108864' } }],
    [{ volume_type: 'persistent_volume_claim' }, { persistentVolumeClaim: { claimName: CLAIM } }],
    [{ volume_type: 'persistent_volume_claim', spec: { claim_name: 'mine' } }, { persistentVolumeClaim: { claimName: 'mine' } }],
    [{ volume_type: 'shared_volume' }, { persistentVolumeClaim: { claimName: 'data' } }],
    [{ volume_type: 'shared_volume', spec: { claimName: 'all' } }, { persistentVolumeClaim: { claimName: 'all' } }],
    [{ volume_type: 'config_map', spec: { config_map_name: 'site' } }, { configMap: { name: 'site', defaultMode: 0o644 } }],
    [{ volume_type: 'image', spec: { image: 'models:1' } }, { image: { reference: 'models:1', pullPolicy: 'IfNotPresent' } }],
  ])('%j', (given, source) => {
    expect(of(given).source).toEqual({ name: 'data', ...source })
  })

  test('is mounted where and how its user says', () => {
    expect(of({ volume_type: 'empty_dir' }).mount).toEqual({ name: 'data', mountPath: '/data' })
    expect(of({ volume_type: 'shared_volume', spec: { sub_path: 'a/b', read_only: true } }).mount).toEqual({
      name: 'data',
      mountPath: '/data',
      subPath: 'a/b',
      readOnly: true,
    })
    expect(of({ volume_type: 'image' }).mount).toMatchObject({ readOnly: true })
  })
})

describe('a claim', () => {
  test('is made with the size, class and mode asked for', () => {
    expect(of({ volume_type: 'persistent_volume_claim', spec: { size: '1Gi', storage_class: 'fast', access_mode: 'ReadWriteMany' } }).claims).toMatchObject([
      {
        kind: 'PersistentVolumeClaim',
        metadata: { name: CLAIM, namespace: 'ns', labels: { 'davit.dev/run': 'r1' } },
        spec: { accessModes: ['ReadWriteMany'], storageClassName: 'fast', resources: { requests: { storage: '1073741824' } } },
      },
    ])
  })

  test('has defaults: 2 GiB, one writer, the operator’s class', () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2147483648' } } }
    expect(of({ volume_type: 'persistent_volume_claim' }).claims.map((claim) => claim.spec)).toEqual([spec])
    expect(of({ volume_type: 'persistent_volume_claim' }, {}, { defaults: { storageClass: 'std' } }).claims[0]?.spec.storageClassName).toBe('std')
    expect(of({ volume_type: 'ephemeral' }).source).toMatchObject({ ephemeral: { volumeClaimTemplate: { spec } } })
  })

  test('that exists already is not made', () => {
    expect(of({ volume_type: 'persistent_volume_claim', spec: { claim_name: 'mine' } }).claims).toEqual([])
    expect(of({ volume_type: 'shared_volume' }).claims).toEqual([])
  })

  test('is the same for every attempt of a run, and another for every run and volume', () => {
    const spec = { volumes: [volume({ volume_type: 'persistent_volume_claim' })] }
    const claims = (attempt: number) => manifestsFor(workloadFrom(spec, 'job', attempt), sampleOptions()).claims
    expect(claims(2)).toEqual(claims(1))
    expect(claimName({ runId: 'a-b' }, { name: 'c' })).not.toBe(claimName({ runId: 'a' }, { name: 'b-c' }))
    expect(claimName({ runId: 'a' }, { name: 'v' })).not.toBe(claimName({ runId: 'a' }, { name: 'V' }))
    expect(claimName({ runId: 'r'.repeat(63) }, { name: 'v'.repeat(63) })).toMatch(/^[a-z0-9-]{63}$/)
  })
})

describe('files of the run itself', () => {
  const { dependents, source } = of({ volume_type: 'config_map', spec: { items: { 'a.txt': 'one', 'ä b': 'two' } } })

  test('are in one config map of the attempt, whatever their names', () => {
    expect(dependents).toMatchObject([{ kind: 'ConfigMap', metadata: { name: 'davit-job-r1-1' }, immutable: true }])
    expect(dependents[0]).toHaveProperty('data', { 'data.a.txt': 'one', [dataKey('data.ä b')]: 'two' })
    expect(source).toMatchObject({
      configMap: {
        name: 'davit-job-r1-1',
        items: [
          { key: 'data.a.txt', path: 'a.txt' },
          { key: dataKey('data.ä b'), path: 'ä b' },
        ],
      },
    })
  })

  test('of two volumes do not meet', () => {
    const two = of([
      { volume_type: 'config_map', name: 'a', spec: { items: { f: '1' } } },
      { volume_type: 'config_map', name: 'b', mount_path: '/b', spec: { items: { f: '2' } } },
    ])
    expect(two.dependents[0]).toHaveProperty('data', { 'a.f': '1', 'b.f': '2' })
  })
})

describe('secrets', () => {
  const secrets = { TOKEN: 'hunter2', key: 'pem' }

  test('are in one Secret of the attempt, and nowhere else', () => {
    const made = of({ volume_type: 'secret', spec: { secret_name: 'key' } }, { secrets: ['TOKEN'] }, { secrets })
    expect(made.dependents).toMatchObject([
      {
        kind: 'Secret',
        metadata: { name: 'davit-job-r1-1' },
        data: { TOKEN: Buffer.from('hunter2').toString('base64'), key: Buffer.from('pem').toString('base64') },
      },
    ])
    expect(JSON.stringify(made.main)).not.toMatch(/hunter2|pem|aHVudGVyMg|cGVt/)
    expect(made.source).toMatchObject({ secret: { secretName: 'davit-job-r1-1', items: [{ key: 'key', path: 'key' }] } })
  })

  test.each([
    [{}, 0o444],
    [{ run_as_user: 0 }, 0o400],
    [{ run_as_user: 5 }, 0o444],
    [{ run_as_user: 5, fs_group: 7 }, 0o440],
  ])('as files can be read by the container’s user (%j)', (more, defaultMode) => {
    expect(of({ volume_type: 'secret' }, more).source).toMatchObject({ secret: { defaultMode } })
  })

  test('that have no value are named', () => {
    const workload = workloadFrom({ secrets: ['TOKEN', 'other'], volumes: [volume({ volume_type: 'secret', spec: { secret_name: 'gone' } })] })
    expect(missingSecrets(workload, secrets)).toEqual(['other', 'gone'])
  })
})

describe('names that Kubernetes does not take', () => {
  test.each(['a', 'data-1', '0'])('%s stays', (name) => expect(volumeName(name)).toBe(name))
  test.each(['A', 'a.b', 'a_b', '-', '_', 'ü', 'x'.repeat(64), '-a'])('%s becomes a label', (name) =>
    expect(volumeName(name)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  )
  test('stay apart, also where only a mark tells them', () => {
    expect(new Set(['a.b', 'a_b', 'A_b', 'a-b'].map(volumeName)).size).toBe(4)
    expect(new Set(['a b', 'a+b', 'a/b', 'a-b'].map(dataKey)).size).toBe(4)
  })
})
