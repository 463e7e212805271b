import { expect, test } from 'vitest'
import { NO_CONTEXTS } from './contexts.ts'
import { resolveSettings } from './settings.ts'

const contexts = {
  current: 'lab',
  contexts: { lab: { endpoint: 'http://lab:8080', project: 'vision', token: 'lab-token' }, prod: { endpoint: 'https://prod/' } },
}

test('the endpoint comes from the flag, else the environment, else the context in use, else this machine', () => {
  const env = { DAVIT_ENDPOINT: 'http://env:1', DHCORE_ENDPOINT: 'http://dh:1' }
  expect(resolveSettings({ endpoint: 'http://flag:1/' }, { env, contexts })).toMatchObject({ endpoint: 'http://flag:1', origin: '--endpoint' })
  expect(resolveSettings({ context: 'prod' }, { env, contexts })).toMatchObject({ endpoint: 'https://prod', origin: 'context prod' })
  expect(resolveSettings({}, { env, contexts })).toMatchObject({ endpoint: 'http://env:1', origin: 'DAVIT_ENDPOINT' })
  expect(resolveSettings({}, { env: { DHCORE_ENDPOINT: 'http://dh:1' }, contexts })).toMatchObject({ endpoint: 'http://dh:1' })
  expect(resolveSettings({}, { env: {}, contexts })).toMatchObject({ endpoint: 'http://lab:8080', token: 'lab-token', project: 'vision' })
  expect(resolveSettings({}, { env: {}, contexts: NO_CONTEXTS })).toMatchObject({ endpoint: 'http://127.0.0.1:8080', project: 'default', format: 'table' })
})

test('a saved token goes to its own server only', () => {
  expect(resolveSettings({ endpoint: 'http://other:1' }, { env: {}, contexts }).token).toBeUndefined()
  expect(resolveSettings({}, { env: { DAVIT_ENDPOINT: 'http://other:1' }, contexts }).token).toBeUndefined()
})

test('the project comes from the flag, else the environment, else the context', () => {
  const env = { DAVIT_PROJECT: 'from-env' }
  expect(resolveSettings({ project: 'flag' }, { env, contexts }).project).toBe('flag')
  expect(resolveSettings({}, { env, contexts }).project).toBe('from-env')
})

test('-o wins over --json', () => {
  expect(resolveSettings({ json: true }, { env: {}, contexts }).format).toBe('json')
  expect(resolveSettings({ json: true, output: 'name' }, { env: {}, contexts }).format).toBe('name')
})

test('a context that is not saved and an endpoint that is no URL are refused', () => {
  expect(() => resolveSettings({ context: 'nowhere' }, { env: {}, contexts })).toThrow('no context is named "nowhere"')
  for (const endpoint of ['localhost:8080', 'ftp://x', 'x'])
    expect(() => resolveSettings({ endpoint }, { env: {}, contexts })).toThrow('is no http:// or https:// URL')
})
