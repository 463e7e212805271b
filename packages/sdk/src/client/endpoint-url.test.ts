import { afterEach, expect, test, vi } from 'vitest'
import { resolveEndpoint, resolveToken } from './endpoint-url.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})
const environment = (values: Readonly<Record<string, string>>): void => {
  for (const name of ['DAVIT_ENDPOINT', 'DHCORE_ENDPOINT', 'DAVIT_TOKEN', 'DHCORE_ACCESS_TOKEN']) vi.stubEnv(name, values[name])
}

test('what is given comes first, then DAVIT_ENDPOINT, then DHCORE_ENDPOINT, then this machine', () => {
  environment({ DAVIT_ENDPOINT: 'http://davit:1', DHCORE_ENDPOINT: 'http://core:2' })
  expect(resolveEndpoint('http://given:3')).toBe('http://given:3')
  expect(resolveEndpoint()).toBe('http://davit:1')
  environment({ DAVIT_ENDPOINT: '', DHCORE_ENDPOINT: 'http://core:2' })
  expect(resolveEndpoint()).toBe('http://core:2')
  environment({})
  expect(resolveEndpoint()).toBe('http://127.0.0.1:8080')
})

test('a slash at the end goes, a path before the API stays', () => {
  expect(resolveEndpoint('https://example.org/')).toBe('https://example.org')
  expect(resolveEndpoint('https://example.org/davit//')).toBe('https://example.org/davit')
})

test('what is no http(s) URL is refused with an example', () => {
  for (const endpoint of ['localhost:8080', '127.0.0.1', 'ftp://x', ''])
    expect(() => resolveEndpoint(endpoint)).toThrow(expect.objectContaining({ code: 'invalid', path: 'endpoint', hint: 'write it as http://127.0.0.1:8080' }))
})

test('a password in the URL is refused, and not repeated', () => {
  expect(() => resolveEndpoint('http://me:hunter2@example.org')).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }))
})

test('the token is the given one, then DAVIT_TOKEN, then DHCORE_ACCESS_TOKEN; an empty one means none', () => {
  environment({ DAVIT_TOKEN: 'a', DHCORE_ACCESS_TOKEN: 'b' })
  expect([resolveToken('c'), resolveToken(), resolveToken('')]).toEqual(['c', 'a', undefined])
  environment({ DHCORE_ACCESS_TOKEN: 'b' })
  expect(resolveToken()).toBe('b')
})

test('a browser has no environment', () => {
  vi.stubGlobal('process', undefined)
  const found = [resolveEndpoint(), resolveToken()]
  vi.unstubAllGlobals()
  expect(found).toEqual(['http://127.0.0.1:8080', undefined])
})
