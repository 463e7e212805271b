import { expect, test } from 'vitest'
import { readClaims } from './claims.ts'

const rules = { nameClaim: 'preferred_username', rolesClaim: 'realm_access.roles', adminRole: 'davit-admin' }
const claims = { iss: 'https://id', sub: 's1', preferred_username: 'ann' }

test('roles are found where the provider puts them, the highest of each project', () => {
  const roles = ['vision:viewer', 'vision:editor', 'audio:ROLE_ADMIN', 'text:ROLE_USER', 'other', 'vision:king', 'UPPER:owner']
  expect(readClaims({ ...claims, realm_access: { roles } }, rules)).toEqual({
    issuer: 'https://id',
    subject: 's1',
    name: 'ann',
    admin: false,
    roles: { vision: 'editor', audio: 'owner', text: 'editor' },
  })
  expect(readClaims({ ...claims, 'realm_access.roles': ['davit-admin'] }, rules).admin).toBe(true)
})

test('what is no list of texts gives no role', () => {
  for (const realm_access of [undefined, 1, 'x', { roles: 7 }, { roles: [{}, null, 1] }, []])
    expect(readClaims({ ...claims, realm_access }, rules)).toMatchObject({ admin: false, roles: {} })
})

test('a name is the chosen claim, else a mail address that is the person’s own, else the subject', () => {
  const { preferred_username: _, ...nameless } = claims
  expect(readClaims({ ...nameless, email: 'ann@acme.org', email_verified: true }, rules).name).toBe('ann@acme.org')
  for (const said of [{}, { email_verified: false }, { email_verified: 'yes' }])
    expect(readClaims({ ...nameless, email: 'ann@acme.org', ...said }, rules).name).toBe('s1')
  expect(readClaims({ ...claims, email: 'root@acme.org', email_verified: false }, { ...rules, nameClaim: 'email' }).name).toBe('s1')
  expect(readClaims({ ...claims, preferred_username: 'Ann Ö/../x' }, rules).name).toBe('Ann---..-x')
  expect(() => readClaims({ iss: 'https://id' }, rules)).toThrow('names nobody')
  expect(() => readClaims({ ...claims, preferred_username: 'anonymous' }, rules)).toThrow('names nobody')
})
