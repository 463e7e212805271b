import { randomUUID } from 'node:crypto'
import type { AuthSettings } from '#auth/auth.ts'
import { hashPassword } from '#auth/password.ts'
import { hashOf, hintOf, newSecret } from '#auth/secret-text.ts'
import type { ProjectRole } from 'davit/contract'
import type { ServerForTests } from './server-for-tests.ts'

export const authFor = (more: Partial<AuthSettings> = {}): AuthSettings => ({
  ways: { basic: true, bearer: true },
  provider: undefined,
  publicUrl: undefined,
  ratePerMinute: { caller: 1_000_000, address: 1_000_000 },
  ...more,
})

export const bearer = (token: string): { readonly authorization: string } => ({ authorization: `Bearer ${token}` })
export const basic = (user: string, password: string): { readonly authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

interface TokenSaid {
  readonly projects?: readonly string[]
  readonly verbs?: readonly string[]
  readonly expires?: Date
}

/** People and tokens, put into the database past the API. */
export const people = ({ store }: Pick<ServerForTests, 'store'>) => {
  const token = async (account: string, said: TokenSaid = {}): Promise<{ readonly id: string; readonly token: string }> => {
    const secret = newSecret('token')
    const { projects, verbs, expires } = said
    const { id } = await store.tokens.insert({
      id: randomUUID().replaceAll('-', ''),
      account,
      name: 'for a test',
      hash: hashOf(secret),
      hint: hintOf(secret),
      projects,
      verbs,
      expires,
    })
    return { id, token: secret }
  }
  return {
    token,
    /** Headers of a new person, who may be a member of projects. */
    async person(
      name: string,
      { admin = false, password, roles = {} }: { admin?: boolean; password?: string; roles?: Readonly<Record<string, ProjectRole>> } = {},
    ): Promise<{ readonly authorization: string }> {
      await store.users.insert({ name, kind: 'user', admin, password: password && (await hashPassword(password)) })
      for (const [project, role] of Object.entries(roles)) await store.members.put({ project, user: name, role, by: 'test' })
      return bearer((await token(name)).token)
    },
  }
}
