import * as z from 'zod'
import { endpoint } from './endpoint.ts'

/** That a project is shared with a user, as official clients read it; `id` is what they unshare by. */
export const Share = z
  .looseObject({
    id: z.string(),
    project: z.string(),
    entity: z.literal('PROJECT'),
    entityId: z.string(),
    owner: z.string(),
    user: z.string(),
    issuedTime: z.string(),
  })
  .meta({ id: 'Share' })
export type Share = z.infer<typeof Share>

const PATH = '/api/v1/projects/:name/share'
const user = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => !text.includes('\0'), 'holds a NUL character')

export const shareEndpoints = {
  list: endpoint({ method: 'GET', path: PATH, summary: 'With whom a project is shared', returns: z.array(Share) }),
  share: endpoint({
    method: 'POST',
    path: PATH,
    summary: 'Share a project with a user; one it is shared with already stays so',
    query: z.looseObject({ user }),
    returns: Share,
  }),
  unshare: endpoint({
    method: 'DELETE',
    path: PATH,
    summary: 'Stop sharing a project with a user',
    query: z.looseObject({ user: user.optional(), id: z.string().optional() }),
    returns: z.unknown(),
  }),
} as const
