import { Davit, getOrCreateProject } from 'davit'
import type { ProjectRole } from 'davit/contract'
import { csrfOf } from '../../packages/server/src/http/auth-base.ts'
import type { Rights } from '../../packages/server/src/http/testing/rights.ts'
import type { WireRequest } from './exchange.ts'
import type { Grants } from './grants.ts'

/** Who asks, and what that should open. */
export interface Actor extends Rights {
  readonly name: string
  /** Whose credentials these are; empty: nobody's in particular. */
  readonly account: string
  readonly headers: WireRequest['headers']
  /** What this account may in which project because it made that, or because somebody let it in while asking. */
  readonly granted: Map<string, ProjectRole>
}

/** A cookie of a login form, and what proves that its page was seen. */
const FORM = 'dvl_fuzz'
export const FORM_CSRF = csrfOf(FORM)

/** Where nobody has to log in everybody is the administrator. */
export const EVERYBODY: Actor = { name: 'everybody', account: '', role: 'admin', headers: [['Cookie', `davit_form=${FORM}`]], granted: new Map() }

const MINE = 'fuzz'
const OTHER = 'other'

/** Who asks a server with authentication, each with a token of its own that is new. `grants`: those of each account, which go on. */
export async function actorsOf(endpoint: string, keeper: string, grants: Grants): Promise<readonly Actor[]> {
  const admin = new Davit({ endpoint, token: keeper })
  for (const project of [MINE, OTHER]) await getOrCreateProject(project, { client: admin })
  const member = async (name: string, project: string, role: 'viewer' | 'editor') => {
    await admin.users.create({ name, kind: 'user' }).catch(() => undefined)
    await admin.members.put(project, { user: name, role })
  }
  await member('vic', MINE, 'viewer')
  await member('eve', MINE, 'editor')
  await member('oda', OTHER, 'editor')
  const token = async (user: string, limits: { readonly verbs?: string[]; readonly projects?: string[] } = {}): Promise<string> =>
    (await admin.tokens.create({ name: 'fuzz', user, ...limits })).token
  const actor = (name: string, account: string, { secret, rights }: { secret: string | undefined; rights: Rights }): Actor => ({
    name,
    account,
    headers: secret === undefined ? [] : [['Authorization', secret]],
    granted: grants.of(account),
    ...rights,
  })
  const basic = (user: string, secret: string): string => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
  const nobody = { role: undefined }
  const eve = { role: 'user', roles: { [MINE]: 'editor' } } as const
  const runsOnly = ['run.*', 'project.list']
  return [
    actor('nobody', '', { secret: undefined, rights: nobody }),
    actor('garbage', '', { secret: 'Bearer dvt_garbage', rights: nobody }),
    actor('no JWT', '', { secret: 'Bearer e30.e30.e30', rights: nobody }),
    actor('viewer', 'vic', { secret: `Bearer ${await token('vic')}`, rights: { role: 'user', roles: { [MINE]: 'viewer' } } }),
    actor('editor', 'eve', { secret: basic('eve', await token('eve')), rights: eve }),
    actor('editor elsewhere', 'oda', { secret: `Bearer ${await token('oda')}`, rights: { role: 'user', roles: { [OTHER]: 'editor' } } }),
    actor('token for runs', 'eve', { secret: `Bearer ${await token('eve', { verbs: runsOnly })}`, rights: { ...eve, verbs: runsOnly } }),
    actor('token elsewhere', 'eve', { secret: `Bearer ${await token('eve', { projects: [OTHER] })}`, rights: { ...eve, projects: [OTHER] } }),
    actor('administrator', '', { secret: `Bearer ${keeper}`, rights: { role: 'admin' } }),
  ]
}
