import Fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { handleErrors } from './errors.ts'
import { guardLoopback, isLoopback } from './guard.ts'

const statusOf = async (headers: Record<string, string>, method: 'GET' | 'POST' = 'GET'): Promise<number> => {
  const app = Fastify()
  handleErrors(app)
  guardLoopback(app, ['http://localhost:5174'])
  app.get('/', async () => 'ok')
  app.post('/', async () => 'ok')
  const { statusCode } = await app.inject({ method, url: '/', headers })
  await app.close()
  return statusCode
}

describe('under which name a server without authentication answers', () => {
  test.each(['localhost', 'localhost:8080', 'LOCALHOST:8080', '127.0.0.1', '127.0.0.1:1', '127.8.9.1:80', '[::1]', '[::1]:80', 'davit.localhost:80'])(
    'as %s',
    async (host) => {
      expect(await statusOf({ host })).toBe(200)
    },
  )

  test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1', '0.0.0.0', '[::]', 'evil.example:127.0.0.1'])(
    'not as %s',
    async (host) => {
      expect(await statusOf({ host })).toBe(403)
    },
  )
})

describe('whose pages it serves', () => {
  test.each(['http://localhost:5173', 'https://127.0.0.1', 'http://[::1]:3000'])('those of %s', async (origin) => {
    expect(await statusOf({ host: 'localhost', origin })).toBe(200)
  })

  test.each(['https://evil.example', 'http://localhost.evil.example', 'null', '', 'localhost', 'file://'])('not those of %j', async (origin) => {
    expect(await statusOf({ host: 'localhost', origin })).toBe(403)
  })
})

describe('whose pages may change something', () => {
  const host = 'localhost:8080'
  test.each([undefined, 'http://localhost:8080', 'http://localhost:5174'])('%s', async (origin) => {
    expect(await statusOf({ host, ...(origin !== undefined && { origin }) }, 'POST')).toBe(200)
  })

  test.each(['http://localhost:3000', 'http://127.0.0.1:8080', 'https://localhost:8080', 'https://evil.example'])(
    'not %s, which a run may have published',
    async (origin) => {
      expect(await statusOf({ host, origin }, 'POST')).toBe(403)
    },
  )
})

test('loopback is what only this machine can reach', () => {
  expect(['127.0.0.1', '::1', '[::1]', 'localhost', 'a.localhost'].every(isLoopback)).toBe(true)
  expect(['0.0.0.0', '::', '192.168.0.1', 'localhost.com', '127.0.0.1.com', ''].some(isLoopback)).toBe(false)
})
