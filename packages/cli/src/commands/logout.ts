import { DavitError } from 'davit/contract'
import { localCommand } from '#runner/command.ts'
import { connect } from '#runner/connect.ts'
import { contextsFile, readContexts, writeContexts } from '#runner/contexts.ts'
import { invalid } from '#runner/invalid.ts'

export const logout = localCommand({
  name: 'logout',
  group: 'people',
  summary: 'Forget the login of the server in use, and revoke the token that `davit login` made',
  examples: ['davit logout', 'davit logout --context prod'],
  run: async ({ io, out, settings, signal }) => {
    const file = contextsFile(io.env)
    const saved = await readContexts(file)
    const name = settings.context ?? saved.current
    const context = saved.contexts[name ?? '']
    if (name === undefined || context?.token === undefined) throw invalid('nobody is logged in', { hint: '`davit use` lists the saved servers' })
    const { token, made, ...rest } = context
    await writeContexts(file, { ...saved, contexts: { ...saved.contexts, [name]: rest } })
    const client = await connect({ endpoint: context.endpoint, token, login: undefined }, io)
    // A token that was given to us may be in use elsewhere: only our own is revoked.
    const failed = made === undefined ? undefined : await client.account.logout({ signal }).then(nothing, (error: unknown) => error)
    if (failed !== undefined && !(failed instanceof DavitError && failed.code === 'unauthenticated'))
      await out.warn(`the token could not be revoked at ${context.endpoint}: it ends by itself, or by \`davit token revoke ${made}\``)
    await out.say(`logged out of ${context.endpoint}`)
  },
})

const nothing = (): undefined => undefined
