import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clustersOf } from './clusters.ts'
import { printConfig } from './print.ts'
import { readConfig } from './read.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'davit-structured-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const file = (content: string, name = 'davit.yaml'): string => {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}
const read = (argv: readonly string[], env = {}) => readConfig({ argv, env })
const PROFILES = 'gpu:\n  resources: { gpu: 1, mem: 8Gi }\n  node_selector: { gpu: yes-please }\n'
const GPU = { gpu: { resources: { gpu: 1, mem: '8Gi' }, node_selector: { gpu: 'yes-please' } } }

describe('profiles come from', () => {
  test('the settings file itself', () => {
    const settings = file(`engine: memory\nprofiles:\n  ${PROFILES.replaceAll('\n', '\n  ').trimEnd()}\n`)
    expect(read(['--config', settings])).toMatchObject({ config: { profiles: GPU, engine: 'memory' }, origins: { profiles: settings } })
  })

  test('a file that the settings file names, beside it', () => {
    file(PROFILES, 'profiles.yaml')
    expect(read(['--config', file('profiles: profiles.yaml')]).config.profiles).toEqual(GPU)
  })

  test('a file that a flag or a variable names', () => {
    const profiles = file(PROFILES, 'profiles.yaml')
    expect(read(['--profiles', profiles])).toMatchObject({ config: { profiles: GPU }, origins: { profiles: '--profiles' } })
    expect(read([], { DAVIT_PROFILES: profiles }).config.profiles).toEqual(GPU)
    expect(read(['--profiles', file('', 'empty.yaml')]).config.profiles).toEqual({})
  })

  test('nowhere', () => {
    expect(read([])).toMatchObject({ config: { profiles: undefined, clusters: undefined }, origins: { profiles: 'not set' } })
  })
})

describe('what is wrong in them is refused, saying where', () => {
  test.each([
    ['profiles: 3', /profiles in .*davit\.yaml must hold names/],
    ['profiles: [a]', /must hold names/],
    ['profiles: { gpu: { resources: { cpu: 1GB } } }', /davit\.yaml: profiles\.gpu\.resources\S* is not a quantity/],
    ['profiles: { gpu: { image: x } }', /profiles\.gpu Unrecognized key: "image"/],
    ['profiles: { "a b": {} }', /must hold only letters/],
    ['profiles: gone.yaml', /gone\.yaml cannot be read/],
    ['clusters: {}', /at least one cluster/],
    ['clusters: { a: { kubeconfg: x } }', /kubeconfg/],
    ['clusters: { a: { namespace: A_b } }', /clusters\.a\.namespace must hold only lower-case/],
    ['clusters: { a: { namespace_quota: { cpu: lots } } }', /clusters\.a\.namespace_quota/],
  ])('%s', (content, message) => {
    expect(() => read(['--config', file(content)])).toThrow(expect.objectContaining({ code: 'invalid', message: expect.stringMatching(message) }))
  })

  test.each([
    [['--namespace', 'A'], /lower-case/],
    [['--namespace-quota', 'cpu'], /RESOURCE=AMOUNT/],
    [['--namespace-quota', 'cpu=lots'], /RESOURCE=AMOUNT/],
    [['--service-accounts', 'worker,,'], /service_accounts/],
    [['--network-policy', 'yes'], /network_policy/],
    [['--job-ttl-seconds', '1'], /job_ttl_seconds/],
    [['--pod-security', 'privileged'], /pod_security/],
  ])('%j', (argv, message) => {
    expect(() => read(argv)).toThrow(message)
  })
})

test('they are shown in a form that can be read again, passwords hidden', () => {
  const profiles = file('p: { env: { PROXY: "http://me:hunter2@proxy" } }', 'profiles.yaml')
  const given = read([
    '--profiles',
    profiles,
    '--namespace-quota',
    'requests.cpu=8, pods=50',
    '--namespace-per-project',
    '--service-accounts',
    'worker, builder',
  ])
  expect(given.config).toMatchObject({
    namespace_quota: { 'requests.cpu': '8', pods: '50' },
    namespace_per_project: true,
    service_accounts: ['worker', 'builder'],
  })
  const shown = printConfig(given.config, given.origins)
  expect(shown).not.toContain('hunter2')
  expect(read(['--config', file(shown)]).config).toEqual({ ...given.config, profiles: { p: { env: { PROXY: 'http://me:***@proxy' } } } })
})

describe('the clusters', () => {
  const clusters = (argv: readonly string[]) => clustersOf(read(argv).config)

  test('are one, as the plain settings say, where none is named', () => {
    expect(clusters(['--kubeconfig', 'k', '--kube-context', 'c', '--namespace', 'n', '--network-policy', 'closed'])).toEqual({
      default: {
        kubeconfig: 'k',
        context: 'c',
        namespace: 'n',
        namespacePerProject: false,
        namespacePrefix: 'davit-',
        quota: undefined,
        networkPolicy: 'closed',
        podSecurity: 'baseline',
        serviceAccounts: undefined,
        nodeHost: undefined,
      },
    })
  })

  test('are those named, in their order, each with what the plain settings say besides', () => {
    const settings = file(
      'near: { context: a }\nfar: { kubeconfig: f, namespace_per_project: true, namespace_quota: { pods: 5 }, network_policy: "on" }',
      'c.yaml',
    )
    const found = clusters(['--clusters', settings, '--kubeconfig', 'k', '--namespace', 'n', '--pod-security', 'restricted', '--service-accounts', 'w'])
    expect(Object.keys(found)).toEqual(['near', 'far'])
    expect(found.near).toMatchObject({ kubeconfig: 'k', context: 'a', namespace: 'n', podSecurity: 'restricted', networkPolicy: false, serviceAccounts: ['w'] })
    expect(found.far).toMatchObject({
      kubeconfig: 'f',
      namespace: undefined,
      serviceAccounts: undefined,
      namespacePerProject: true,
      quota: { pods: '5' },
      networkPolicy: true,
    })
  })
})

test('a settings file is named in what goes wrong in it', () => {
  const settings = file('profiles: { p: { volumes: 3 } }', 'mine.yaml')
  expect(() => read(['--config', settings])).toThrow(new RegExp(basename(settings)))
})
