import { expect, test } from 'vitest'
import { namespaces } from './namespaces.ts'
import type { KubeObject } from './objects.ts'

const on = (podSecurity: 'baseline' | 'restricted' | undefined) => {
  const levels: unknown[] = []
  const write = {
    apply: async ({ metadata }: KubeObject) => void levels.push(metadata.labels?.['pod-security.kubernetes.io/enforce']),
  }
  const spaces = namespaces({ write, perProject: { installation: 'i', podSecurity }, namespaceOf: (project) => `davit-${project}` })
  const prepare = (project: string, projectSecurity?: 'baseline' | 'restricted') => spaces.prepare({ project, projectSecurity }, AbortSignal.timeout(1000))
  return { levels, prepare, forget: spaces.forget }
}

test('a namespace is made once, and enforces what its project wants, and no less than the operator', async () => {
  const { levels, prepare } = on('baseline')
  for (const level of ['restricted', 'restricted', undefined, undefined, 'restricted'] as const) await prepare('p', level)
  await prepare('q')
  expect(levels).toEqual(['restricted', 'baseline', 'restricted', 'baseline'])
  const strict = on('restricted')
  for (const level of ['baseline', undefined] as const) await strict.prepare('p', level)
  expect(strict.levels).toEqual(['restricted'])
})

test('a namespace that somebody deleted is made again', async () => {
  const { levels, prepare, forget } = on(undefined)
  await prepare('p')
  forget('p')
  await prepare('p')
  expect(levels).toEqual([undefined, undefined])
})
