import { beforeEach, expect, test } from 'vitest'
import { store as openStore, type Store } from '#store/store.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { firstAdmin, newAdminToken } from './first-admin.ts'
import { hashOf } from './secret-text.ts'

const databases = databasesForTests()
let store: Store
beforeEach(async () => {
  store = openStore((await databases.fresh()).db)
})

const whoHas = async (token: string | undefined) => store.tokens.grantOf(hashOf(token ?? ''))

test('of several servers that start first, one makes the administrator', async () => {
  const made = await Promise.all([1, 2, 3].map(() => firstAdmin(store)))
  const tokens = made.flatMap((one) => one ?? [])
  expect(tokens).toHaveLength(1)
  expect(await whoHas(tokens[0]?.token)).toMatchObject({ name: 'admin', admin: true })
})

test('a new token makes no person of the identity provider an administrator, whatever they are called', async () => {
  await store.users.insert({ name: 'admin', kind: 'user', admin: false, issuer: 'https://id.example', subject: 'u1' })
  const { name, token } = await newAdminToken(store)
  expect(name).toBe('davit-admin')
  expect(await whoHas(token)).toMatchObject({ name: 'davit-admin', admin: true })
  expect(await store.users.find('admin')).toMatchObject({ admin: false })
  expect((await newAdminToken(store)).name).toBe('davit-admin')
})

test('a new token is for the administrator of the first start, who is one again', async () => {
  await firstAdmin(store)
  await store.users.setAdmin('admin', false)
  expect(await whoHas((await newAdminToken(store)).token)).toMatchObject({ name: 'admin', admin: true })
})
