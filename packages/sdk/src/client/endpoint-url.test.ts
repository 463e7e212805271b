import { afterEach, expect, test, vi } from 'vitest'
import { resolveAuthorization, resolveEndpoint } from './endpoint-url.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})
const NAMES = ['DAVIT_ENDPOINT', 'DHCORE_ENDPOINT', 'DAVIT_TOKEN', 'DHCORE_ACCESS_TOKEN', 'DHCORE_PERSONAL_ACCESS_TOKEN', 'DHCORE_USER', 'DHCORE_PASSWORD']
const environment = (values: Readonly<Record<string, string>>): void => {
  for (const name of NAMES) vi.stubEnv(name, values[name])
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

test('who calls is what is given, then the tokens of the environment, then user and password; an empty token means nobody', () => {
  environment({ DAVIT_TOKEN: 'a', DHCORE_ACCESS_TOKEN: 'b', DHCORE_PERSONAL_ACCESS_TOKEN: 'c', DHCORE_USER: 'ann', DHCORE_PASSWORD: 'd' })
  expect([resolveAuthorization({ token: 'e' }), resolveAuthorization(), resolveAuthorization({ token: '' })]).toEqual(['Bearer e', 'Bearer a', undefined])
  expect(resolveAuthorization({ login: { user: 'ann', password: 'pässword' } })).toBe('Basic YW5uOnDDpHNzd29yZA==')
  environment({ DHCORE_ACCESS_TOKEN: 'b', DHCORE_PERSONAL_ACCESS_TOKEN: 'c' })
  expect(resolveAuthorization()).toBe('Bearer b')
  environment({ DHCORE_PERSONAL_ACCESS_TOKEN: 'c', DHCORE_USER: 'ann', DHCORE_PASSWORD: 'd' })
  expect(resolveAuthorization()).toBe('Bearer c')
  environment({ DHCORE_USER: 'ann', DHCORE_PASSWORD: 'd' })
  expect(resolveAuthorization()).toBe('Basic YW5uOmQ=')
  environment({ DHCORE_USER: 'ann' })
  expect(resolveAuthorization()).toBeUndefined()
})

test('a browser has no environment', () => {
  vi.stubGlobal('process', undefined)
  const found = [resolveEndpoint(), resolveAuthorization()]
  vi.unstubAllGlobals()
  expect(found).toEqual(['http://127.0.0.1:8080', undefined])
})
