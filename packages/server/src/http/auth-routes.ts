import { type api, toPage } from 'davit/contract'
import type { Services } from '#service/services.ts'
import type { Handlers } from './handlers.ts'
import { cut } from './routes.ts'

/** The routes about who may call, as tables like all others. */
export const accountRoutes = ({ account }: Services): Handlers<typeof api.account> => ({
  get: ({ caller }) => account.get(caller),
  logout: ({ caller }) => account.logout(caller),
})

export const userRoutes = ({ users }: Services): Handlers<typeof api.users> => ({
  list: ({ caller }) => users.list(caller),
  create: ({ caller, body }) => users.create(caller, body),
  get: ({ caller, params }) => users.get(caller, params.user),
  update: ({ caller, params, body }) => users.update(caller, params.user, body),
  setPassword: ({ caller, params, body }) => users.setPassword(caller, params.user, body),
  delete: ({ caller, params }) => users.delete(caller, params.user),
})

export const tokenRoutes = ({ tokens }: Services): Handlers<typeof api.tokens> => ({
  list: async ({ caller, query }) => cut(await tokens.list(caller, query.user), query),
  create: ({ caller, body }) => tokens.create(caller, body),
  get: ({ caller, params, query }) => tokens.get(caller, params.id, query.user),
  delete: ({ caller, params, query }) => tokens.delete(caller, params.id, query.user),
})

export const refreshTokenRoutes = ({ refreshTokens }: Services): Handlers<typeof api.refreshTokens> => ({
  list: async ({ caller, query }) => cut(await refreshTokens.list(caller), query),
  delete: ({ caller, params }) => refreshTokens.delete(caller, params.id),
})

export const memberRoutes = ({ members }: Services): Handlers<typeof api.members> => ({
  list: ({ caller, params }) => members.list(caller, params.project),
  put: ({ caller, params, body }) => members.put(caller, params.project, { user: params.user, role: body.role }),
  delete: ({ caller, params }) => members.delete(caller, params.project, params.user),
})

export const auditRoutes = ({ audit }: Services): Handlers<typeof api.audit> => ({
  list: async ({ caller, query }) => {
    const { content, total } = await audit.list(caller, query, query)
    return toPage(content, { page: query.page, size: query.size, totalElements: total })
  },
})

export const adminRoutes = ({ keys }: Services): Handlers<typeof api.admin> => ({
  rotateKeys: ({ caller }) => keys.rotate(caller),
})
