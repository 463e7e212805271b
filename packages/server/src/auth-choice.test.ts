import { expect, test } from 'vitest'
import { readConfig } from '#config/read.ts'
import { chooseAuth } from './auth-choice.ts'

const choose = (...argv: string[]) => chooseAuth(readConfig({ argv, env: {} }).config)

test('on loopback nobody has to log in', async () => {
  expect(await choose()).toBeUndefined()
  expect(await choose('--listen', '[::1]:0')).toBeUndefined()
})

test('elsewhere a server without authentication does not start, and says how to turn it on', async () => {
  for (const listen of ['0.0.0.0:80', '[::]:80', '10.0.0.1:80', 'davit.acme.org:80'])
    await expect(choose('--listen', listen)).rejects.toMatchObject({ code: 'invalid', hint: expect.stringContaining('--auth basic,bearer') as string })
  expect(await choose('--listen', '0.0.0.0:80', '--auth', 'bearer')).toMatchObject({ ways: { basic: false, bearer: true } })
})

test('an identity provider without authentication is a mistake', async () => {
  await expect(choose('--oidc-issuer', 'https://id.acme.org')).rejects.toThrow('oidc_issuer needs authentication')
  expect(await choose('--auth', 'bearer', '--oidc-issuer', 'https://id.acme.org')).toMatchObject({ provider: { clientId: 'davit', audience: 'davit' } })
})

test('keys are taken from their variable alone, and shown nowhere', () => {
  expect(() => readConfig({ argv: ['--secrets-key', 'x'], env: {} })).toThrow('not known')
  expect(readConfig({ argv: [], env: { DAVIT_SECRETS_KEY: 'x' } }).config.secrets_key).toBe('x')
})
