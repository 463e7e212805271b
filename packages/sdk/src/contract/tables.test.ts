import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from './endpoint.ts'
import { api } from './endpoints.ts'
import { envList } from './env.ts'
import { labelMap } from './scheduling.ts'
import { BLAME_EXIT, VERDICT_CODES } from './verdict.ts'

const endpoints: readonly (readonly [string, Endpoint])[] = Object.entries(api).flatMap(([group, calls]) =>
  Object.entries(calls).map(([name, call]): readonly [string, Endpoint] => [`${group}.${name}`, call]),
)

describe('the endpoint table', () => {
  test('has no two calls of one method and path', () => {
    const addresses = endpoints.map(([, { method, path }]) => `${method} ${path.replaceAll(/:\w+/g, ':')}`)
    expect(new Set(addresses).size).toBe(addresses.length)
  })

  test.each(endpoints)('%s has a summary, and a body only where one is sent', (_, { method, summary, body }) => {
    expect(summary).not.toBe('')
    expect(body === undefined || method === 'POST' || method === 'PUT').toBe(true)
  })

  test.each(endpoints)('%s takes parameters that it does not know', (_, { query }) => {
    expect(query === undefined || (query instanceof z.ZodObject && query.def.catchall !== undefined)).toBe(true)
  })
})

describe('verdicts', () => {
  test.each(Object.entries(VERDICT_CODES))('%s has a title that is a sentence, and an exit code', (_, { title, blame }) => {
    expect(title).toMatch(/^[A-Z].*[^.]$/)
    expect(BLAME_EXIT[blame]).toBeGreaterThanOrEqual(10)
  })
})

describe('forms of one thing', () => {
  test('variables as a list or a map are the same list', () => {
    const wanted = [
      { name: 'A', value: '1' },
      { name: 'B', value: 'true' },
    ]
    expect(envList({ A: 1, B: true })).toEqual(wanted)
    expect(envList(wanted)).toEqual(wanted)
  })

  test('labels as words, pairs or a map are the same map', () => {
    expect(labelMap(['a', { name: 'b', value: 'c' }])).toEqual({ a: '', b: 'c' })
    expect(labelMap({ a: '', b: 'c' })).toEqual({ a: '', b: 'c' })
  })
})
