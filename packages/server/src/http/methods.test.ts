import { expect, test } from 'vitest'
import { methodsOf } from './methods.ts'

test('a path has the methods that the contract has for it, and HEAD where it has GET', () => {
  expect([...methodsOf('/api/v1/projects')].sort()).toEqual(['GET', 'HEAD', 'POST'])
  expect(methodsOf('/api/v1/-/p/runs/r1/stop')).toEqual(['POST'])
  expect([...methodsOf('/api/v1/-/p/secrets/data')].sort()).toEqual(['GET', 'HEAD', 'PUT'])
})

test('a path that is in no endpoint has none', () => {
  expect(['', '/', '/api/v1/nothing', '/api/v1/projects/', '/api/v1/-/p/runs/a/b/c/d'].map(methodsOf)).toEqual([[], [], [], [], []])
})
