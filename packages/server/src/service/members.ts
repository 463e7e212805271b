import { DavitError, type Member, notFound, type ProjectRole, UserName } from 'davit/contract'
import type { MemberRow } from '#store/members.ts'
import type { Repos } from '#store/store.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { noSuchProject } from './projects.ts'

const toMember = ({ user_name: user, role, granted_by, created }: MemberRow): Member => ({ user, role, granted_by, created: created.toISOString() })

/** Somebody must be left who can let others in; administrators can do without. */
async function assertOwnerLeft(inside: Repos, caller: Caller, { project, user }: { project: string; user: string }): Promise<void> {
  if (caller.admin) return
  const owners = (await inside.members.list(project)).filter(({ role }) => role === 'owner')
  if (owners.length === 1 && owners[0]?.user_name === user)
    throw new DavitError('conflict', `${user} is the last owner of project ${project}`, { hint: 'make somebody else an owner first' })
}

export const memberService = ({ store, accessChanged }: Pick<ServiceDeps, 'store' | 'accessChanged'>) => ({
  async list(caller: Caller, project: string): Promise<Member[]> {
    assertMay(caller, 'member.list', project)
    if (!(await store.projects.find(project))) throw noSuchProject(project)
    return (await store.members.list(project)).map(toMember)
  },

  /** Also for a name that has no account yet: whether it has one is not told. */
  async put(caller: Caller, project: string, { user, role }: { user: string; role: ProjectRole }): Promise<Member> {
    assertMay(caller, 'member.write', project)
    if (!UserName.safeParse(user).success) throw new DavitError('invalid', `${user} is no name of a user`, { path: 'user' })
    const member = await store.transact(async (inside) => {
      if (!(await inside.projects.claim(project))) throw noSuchProject(project)
      const before = await inside.members.find(project, user)
      if (before?.role === 'owner' && role !== 'owner') await assertOwnerLeft(inside, caller, { project, user })
      const row = await inside.members.put({ project, user, role, by: caller.name })
      const detail = { before: before ? { role: before.role } : {}, after: { role } }
      await inside.audit.write({ by: caller, verb: 'member.put', project, entity: 'member', entityId: user, detail })
      return toMember(row)
    })
    accessChanged()
    return member
  },

  async delete(caller: Caller, project: string, user: string): Promise<void> {
    assertMay(caller, 'member.write', project)
    await store.transact(async (inside) => {
      if (!(await inside.projects.claim(project))) throw noSuchProject(project)
      await assertOwnerLeft(inside, caller, { project, user })
      const row = await inside.members.remove(project, user)
      if (!row) throw notFound('member', `${user} is none of project ${project}.`)
      const detail = { before: { role: row.role }, after: {} }
      await inside.audit.write({ by: caller, verb: 'member.delete', project, entity: 'member', entityId: user, detail })
    })
    accessChanged()
  },
})
