import { expect, test } from 'vitest'
import { type ChooseAccount, chooseAccount, parsePasswd } from './account.ts'

const accounts = parsePasswd(
  'root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\nann:x:1000:1000::/home/ann:\nnobody:x:65534:65533::/:\n\n',
)
const choose = (input: Partial<ChooseAccount>) => chooseAccount({ uid: 0, accounts, owner: undefined, data: '/d/data', ...input })

test('an ordinary user runs it as itself', () => {
  expect(choose({ uid: 1000 })).toBeUndefined()
  expect(choose({ uid: 1000, owner: { uid: 1000, gid: 1000 } })).toBeUndefined()
  expect(choose({ uid: undefined, owner: { uid: 1000, gid: 1000 } })).toBeUndefined()
})

test('root lends it postgres, else nobody, else the number that nobody usually has', () => {
  expect(choose({})).toEqual({ name: 'postgres', uid: 101, gid: 104 })
  expect(choose({ accounts: accounts.filter(({ name }) => name !== 'postgres') })).toEqual({ name: 'nobody', uid: 65_534, gid: 65_533 })
  expect(choose({ accounts: [] })).toEqual({ name: 'nobody', uid: 65_534, gid: 65_534 })
})

test('data that somebody else owns already is run by its owner', () => {
  expect(choose({ owner: { uid: 1000, gid: 1000 } })).toEqual({ name: 'ann', uid: 1000, gid: 1000 })
  expect(choose({ owner: { uid: 77, gid: 7 } })).toEqual({ name: '77', uid: 77, gid: 7 })
})

test('data of root, and data of another user, say what to do', () => {
  expect(() => choose({ owner: { uid: 0, gid: 0 } })).toThrow(expect.objectContaining({ code: 'unavailable', hint: 'Run: chown -R postgres /d/data' }))
  expect(() => choose({ uid: 1000, owner: { uid: 101, gid: 104 } })).toThrow(
    expect.objectContaining({ message: 'The database folder /d/data belongs to user postgres, but this server runs as ann.' }),
  )
})
