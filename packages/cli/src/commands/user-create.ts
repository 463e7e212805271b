import { newPassword } from '#login/new-password.ts'
import { command, required } from '#runner/command.ts'
import { flag } from '#runner/option.ts'
import { userView } from '#views/user-view.ts'

export const userCreate = command({
  name: 'user create',
  group: 'people',
  summary: 'Create a user or a service account',
  args: { name: required('What it is called') },
  options: {
    admin: flag('--admin', 'May do everything, in every project'),
    service: flag('--service', 'A program: it gets tokens'),
    password: flag('--password', 'Give it a password, read from stdin or asked for'),
  },
  examples: ['davit user create ann --password', 'davit user create ci-bot --service && davit token create ci --user ci-bot'],
  run: async ({ input: { name, admin, service, password }, io, client, signal, out }) => {
    const secret = password ? { password: await newPassword(io, name) } : {}
    const user = await client.users.create({ name, admin, kind: service ? 'service' : 'user', ...secret }, { signal })
    await out.one(userView, user, () => `${user.name}\n`)
  },
})
