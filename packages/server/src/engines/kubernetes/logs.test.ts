import { describe, expect, test } from 'vitest'
import type { Cluster, KubeCall } from './cluster.ts'
import { podLog } from './logs.ts'
import { CONTAINER } from './manifests/names.ts'
import type { Pod } from './objects.ts'
import { over, pod, ref, running, terminated } from './observe/testing/things.ts'

const LOST = `unable to retrieve container logs for containerd://${'0af3'.repeat(16)}`
const FILE = '/var/log/pods/p_davit-x-r1-1-a_a1a77794-362a-4465-b2a9-331d15a1bf1a/main/0.log'
/** As kubelet 1.36 says it right after an eviction. */
const NO_FILE = `failed to try resolving symlinks in path "${FILE}": lstat ${FILE}: no such file or directory`

/** A cluster with one pod, whose node answers in these pieces; what it was asked. */
function withPod(one: Pod, pieces: readonly string[]) {
  const asked: (KubeCall & { readonly idleMs?: number })[] = []
  const cluster = {
    namespaceOf: (project: string) => project,
    cache: { assertFresh: () => undefined, kept: { pods: { get: () => one } }, onChange: () => () => undefined },
    client: {
      stream: async (call: KubeCall) => {
        asked.push(call)
        return (async function* () {
          for (const piece of pieces) yield Buffer.from(piece)
        })()
      },
    },
  } as unknown as Cluster
  return { asked, log: podLog({ cluster, container: CONTAINER }) }
}

async function textOf(log: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of log) parts.push(part)
  return Buffer.concat(parts).toString()
}
const signal = new AbortController().signal
const reading = (one: Pod, ...pieces: string[]): Promise<string> => textOf(withPod(one, pieces).log(ref, one.metadata.name, { follow: false, signal }))
const done = over('Succeeded', { state: terminated(0) })

test('the lives that count are those of our container, wherever the cluster lists the others that it put beside it', () => {
  const beside = { name: 'proxy', restartCount: 3, state: { waiting: { reason: 'PodInitializing' } } }
  const both = { ...done, status: { ...done.status, containerStatuses: [beside, ...(done.status?.containerStatuses ?? [])] } }
  return expect(reading(both, 'out\n')).resolves.toBe('out\n')
})

test('a node that falls silent is given up on soon, unless the container may be silent itself', async () => {
  const idle = async (one: Pod, follow: boolean): Promise<readonly unknown[]> => {
    const { asked, log } = withPod(one, ['out\n'])
    for await (const _ of log(ref, one.metadata.name, { follow, signal })) break
    return asked.map(({ idleMs }) => idleMs)
  }
  expect(await idle(done, false)).toEqual([30_000])
  expect(await idle(done, true)).toEqual([30_000])
  expect(await idle(pod({ state: running }), false)).toEqual([30_000])
  expect(await idle(pod({ state: running }), true)).toEqual([24 * 3_600_000])
})

describe('a node that says in place of a log that it has none', () => {
  test('is not taken for the output, in whatever pieces it says it', async () => {
    const lost = /pod davit-x-r1-1-a has cleaned its container away/
    await expect(reading(done, LOST)).rejects.toThrow(lost)
    await expect(reading(done, NO_FILE)).rejects.toThrow(lost)
    await expect(reading(done, `failed to open log file "${FILE}": open ${FILE}: no such file or directory`)).rejects.toThrow(lost)
    await expect(reading(done, LOST.slice(0, 7), LOST.slice(7, 60), LOST.slice(60))).rejects.toThrow(lost)
  })

  test('is something else than a process that writes of it', async () => {
    for (const text of [
      `${LOST}\nmore\n`,
      `${NO_FILE}\nmore\n`,
      'failed to open log file "x"\n',
      `it says: ${LOST}`,
      'unable to retrieve container logs for ',
      'u',
      '',
    ])
      expect(await reading(done, text)).toBe(text)
  })

  test('ends a followed log', async () => {
    const { log } = withPod(done, [LOST])
    expect(await textOf(log(ref, done.metadata.name, { follow: true, signal }))).toBe('')
  })
})
