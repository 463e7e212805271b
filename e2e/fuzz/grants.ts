import { atLeast, Member, Project, type ProjectRole, Share } from 'davit/contract'
import type { Operation } from './operations.ts'
import { projectIn } from './rights.ts'

/** What accounts were let do in projects by answers: the highest role that each ever had there, since what comes at once comes in any order. */
export const createGrants = () => {
  const known = new Map<string, Map<string, ProjectRole>>()
  const of = (account: string): Map<string, ProjectRole> => {
    const roles = known.get(account) ?? new Map<string, ProjectRole>()
    known.set(account, roles)
    return roles
  }
  const grant = (account: string, project: string, role: ProjectRole): void => {
    const before = of(account).get(project)
    if (before === undefined || !atLeast(before, role)) of(account).set(project, role)
  }
  return {
    of,
    /** Takes note of a request that was answered with 200. `by`: the account that asked. */
    learn(operation: Operation, { by, target, json }: { readonly by: string; readonly target: string; readonly json: unknown }): void {
      const [project, member, share] = [Project.safeParse(json).data, Member.safeParse(json).data, Share.safeParse(json).data]
      if (operation.id === 'projects.create' && project) grant(by, project.name, 'owner')
      if (operation.id === 'members.put' && member) grant(member.user, projectIn(operation, target) ?? '', member.role)
      if (operation.id === 'shares.share' && share) grant(share.user, share.project, 'editor')
    },
  }
}
export type Grants = ReturnType<typeof createGrants>
