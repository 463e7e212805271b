import { DavitError, type Share } from 'davit/contract'
import type { ShareRow } from '#store/shares.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { holdProject, noSuchProject } from './projects.ts'

const toShare = (row: ShareRow): Share => ({
  id: row.id,
  project: row.project,
  entity: 'PROJECT',
  entityId: row.project,
  owner: row.owner,
  user: row.user_name,
  issuedTime: row.issued.toISOString(),
})

export const shareService = ({ store, newId }: ServiceDeps) => ({
  async list(caller: Caller, project: string): Promise<Share[]> {
    assertMay(caller, 'member.list', project)
    if (!(await store.projects.find(project))) throw noSuchProject(project)
    return (await store.shares.of(project)).map(toShare)
  },

  /** Sharing twice is sharing once. */
  async share(caller: Caller, project: string, user: string): Promise<Share> {
    assertMay(caller, 'member.write', project)
    return store.transact(async (inside) => {
      await holdProject(inside, project)
      const row = await inside.shares.put({ id: newId(), project, user_name: user, owner: caller.name })
      await inside.audit.write({
        actor: caller.name,
        verb: 'project.share',
        project,
        entity: 'project',
        entityId: project,
        requestId: caller.requestId,
        detail: { user },
      })
      return toShare(row)
    })
  },

  /** Idempotent. By the share's id where it is given, else by the user; a user given beside an id is not looked at, as with the reference. */
  async unshare(caller: Caller, project: string, { id, user }: { id: string | undefined; user: string | undefined }): Promise<void> {
    assertMay(caller, 'member.write', project)
    const which = id !== undefined ? { id } : user !== undefined ? { user } : undefined
    if (!which) throw new DavitError('invalid', 'user or id is required', { path: 'user' })
    await store.transact(async (inside) => {
      await holdProject(inside, project)
      for (const { user_name } of await inside.shares.delete(project, which))
        await inside.audit.write({
          actor: caller.name,
          verb: 'project.unshare',
          project,
          entity: 'project',
          entityId: project,
          requestId: caller.requestId,
          detail: { user: user_name },
        })
    })
  },
})
