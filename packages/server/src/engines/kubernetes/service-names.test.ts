import { expect, test } from 'vitest'
import { LABEL } from './labels.ts'
import { ALIAS_OF } from './manifests/services.ts'
import type { Deployment, Service } from './objects.ts'
import { appliedAnnotation } from './observe/applied.ts'
import { ago, deleted, deployment, meta, service, stopped } from './observe/testing/things.ts'
import { heirOf, namesOf } from './service-names.ts'

const project = { [LABEL.project]: 'p' }

/** A deployment that asked for names so many seconds ago. */
const asking = (name: string, secondsAgo: number, services: readonly string[], more: Parameters<typeof meta>[1] = {}): Deployment => ({
  ...deployment(),
  metadata: meta(name, {
    creationTimestamp: ago(secondsAgo),
    labels: project,
    ...more,
    annotations: { ...appliedAnnotation(deployment(), { services, claims: [] }), ...more?.annotations },
  }),
})
const named = (name: string, annotations = {}): Service => service({}, { metadata: meta(name, { labels: project, annotations }) })
const alias = named('shop', { [ALIAS_OF]: 'p' })

const cached = (deployments: readonly Deployment[], services: readonly Service[] = []) => ({
  deployments: { get: () => undefined, of: () => [], all: () => deployments },
  services: { get: (_: string, name: string) => services.find(({ metadata }) => metadata.name === name), of: () => [], all: () => services },
})

const first = asking('first', 20, ['own-1', 'shop'])
const second = asking('second', 10, ['own-2', 'shop'])

test('a name is the own one of who has it, lost to who took it, and else missing', () => {
  expect(namesOf(cached([first], [named('own-1'), alias]), first, [named('own-1'), alias])).toEqual({ missing: [], lost: [] })
  expect(namesOf(cached([first, second], [named('own-1'), alias]), first, [named('own-1')])).toEqual({ missing: [], lost: ['shop'] })
  expect(namesOf(cached([first]), first, [])).toEqual({ missing: ['own-1', 'shop'], lost: [] })
})

test('a name that nobody has is due to the newest that lives and asked for it', () => {
  const both = cached([first, second])
  expect(namesOf(both, first, [named('own-1')])).toEqual({ missing: [], lost: ['shop'] })
  expect(namesOf(both, second, [named('own-2')])).toEqual({ missing: ['shop'], lost: [] })
  for (const past of [deleted(), stopped]) {
    const over = asking('second', 10, ['shop'], past)
    expect(namesOf(cached([first, over]), first, [named('own-1')])).toEqual({ missing: ['shop'], lost: [] })
  }
})

test('the heir of a name is told, and of nothing else', () => {
  const elsewhere = asking('elsewhere', 5, ['shop'], { labels: { [LABEL.project]: 'q' } })
  expect(heirOf(cached([first, elsewhere]), alias)).toBe(first)
  expect(heirOf(cached([first], [alias]), alias)).toBeUndefined()
  expect(heirOf(cached([first]), named('own-1'))).toBeUndefined()
  expect(heirOf(cached([first]), first)).toBeUndefined()
})
