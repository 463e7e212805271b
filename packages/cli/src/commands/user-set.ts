import { passwordChange } from '#login/new-password.ts'
import { command, required } from '#runner/command.ts'
import { invalid } from '#runner/invalid.ts'
import { flag } from '#runner/option.ts'

export const userSet = command({
  name: 'user set',
  group: 'people',
  summary: 'Make a user an administrator, or no longer one; give them a password',
  args: { name: required('Which user') },
  options: {
    admin: flag('--admin', 'May do everything, in every project'),
    noAdmin: flag('--no-admin', 'May no longer; what they may in projects stays'),
    password: flag('--password', 'Give them a password, read from stdin or asked for; their logins end'),
  },
  examples: ['davit user set ann --admin', 'davit user set ann --no-admin', 'davit user set ann --password < password.txt'],
  run: async ({ input: { name, admin, noAdmin, password }, io, client, signal, out }) => {
    if (!admin && !noAdmin && !password) throw invalid('nothing is to be changed', { hint: 'say --admin, --no-admin or --password' })
    const change = password ? await passwordChange(io, name, { own: name === (await client.account.get({ signal })).name }) : undefined
    if (admin || noAdmin) await client.users.update(name, { admin }, { signal })
    if (change) await client.users.setPassword(name, change, { signal })
    await out.say(`user ${name} changed`)
  },
})
