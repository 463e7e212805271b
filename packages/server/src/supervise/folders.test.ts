import { expect, test } from 'vitest'
import { defaultFolders } from './folders.ts'

test('root uses the folders of the system, whatever the environment says', () => {
  expect(defaultFolders({ env: { XDG_DATA_HOME: '/x', HOME: '/y' }, uid: 0, home: '/root' })).toEqual({ data: '/var/lib/davit', cache: '/var/cache/davit' })
})

test('a user has them below home', () => {
  expect(defaultFolders({ env: {}, uid: 1000, home: '/home/ann' })).toEqual({ data: '/home/ann/.local/share/davit', cache: '/home/ann/.cache/davit' })
})

test('XDG folders win over home, and relative ones do not count', () => {
  const env = { XDG_DATA_HOME: '/mnt/data', XDG_CACHE_HOME: 'cache', HOME: '/home/bob' }
  expect(defaultFolders({ env, uid: 1000, home: '/home/ann' })).toEqual({ data: '/mnt/data/davit', cache: '/home/bob/.cache/davit' })
})

test('where there are no user ids it is a user', () => {
  expect(defaultFolders({ env: {}, uid: undefined, home: '/home/ann' }).data).toBe('/home/ann/.local/share/davit')
})
