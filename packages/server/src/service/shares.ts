import { DavitError, type Share } from 'davit/contract'
import type { MemberRow } from '#store/members.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { memberService } from './members.ts'
import { noSuchProject } from './projects.ts'

/** What sharing means where nobody says more: to work in the project, not to decide who else may. */
const SHARED_AS = 'editor'

const toShare = (row: MemberRow): Share => ({
  id: row.id,
  project: row.project,
  entity: 'PROJECT',
  entityId: row.project,
  owner: row.granted_by,
  user: row.user_name,
  issuedTime: row.created.toISOString(),
})

/** Membership in the words of official clients: those with whom a project is shared are its members, apart from its owners. */
export const shareService = (deps: ServiceDeps, members = memberService(deps)) => {
  const { store } = deps
  const sharedWith = async (project: string): Promise<readonly MemberRow[]> => (await store.members.list(project)).filter(({ role }) => role !== 'owner')
  return {
    async list(caller: Caller, project: string): Promise<Share[]> {
      assertMay(caller, 'member.list', project)
      if (!(await store.projects.find(project))) throw noSuchProject(project)
      return (await sharedWith(project)).map(toShare)
    },

    /** Sharing twice is sharing once; who is a member already keeps the role. */
    async share(caller: Caller, project: string, user: string): Promise<Share> {
      assertMay(caller, 'member.write', project)
      if (!(await store.members.find(project, user))) await members.put(caller, project, { user, role: SHARED_AS })
      const row = await store.members.find(project, user)
      if (!row) throw new DavitError('conflict', `the project was unshared with ${user} meanwhile`, { hint: 'try again' })
      return toShare(row)
    },

    /** Idempotent. By the share's id where it is given, else by the user. */
    async unshare(caller: Caller, project: string, { id, user }: { id: string | undefined; user: string | undefined }): Promise<void> {
      assertMay(caller, 'member.write', project)
      if (id === undefined && user === undefined) throw new DavitError('invalid', 'user or id is required', { path: 'user' })
      if (!(await store.projects.find(project))) throw noSuchProject(project)
      const row = (await sharedWith(project)).find((one) => (id === undefined ? one.user_name === user : one.id === id))
      if (row) await members.delete(caller, project, row.user_name)
    },
  }
}
