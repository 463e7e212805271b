import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ownAccount } from './own-account.ts'

const tokenOf = (payload: unknown): string => ['e30', Buffer.from(JSON.stringify(payload)).toString('base64url'), 'x'].join('.')

test.each([
  ['of a pod', tokenOf({ sub: 'system:serviceaccount:davit:davit-server' }), 'davit-server'],
  ['of a person', tokenOf({ sub: 'ann' }), undefined],
  ['that is none', 'opaque', undefined],
])('a token %s says which service account we are: %j', async (_, token, name) => {
  const dir = await mkdtemp(join(tmpdir(), 'davit-own-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  expect(await ownAccount(dir)).toBeUndefined()
  await writeFile(join(dir, 'token'), token)
  expect(await ownAccount(dir)).toBe(name)
})
