import { command, some } from '#runner/command.ts'
import { confirm } from '#runner/confirm.ts'
import { flag } from '#runner/option.ts'

export const userRm = command({
  name: 'user rm',
  group: 'people',
  summary: 'Delete users with their tokens, logins and memberships; what they made stays',
  args: { names: some('Names of users') },
  options: { yes: flag('-y, --yes', 'Do not ask') },
  run: async ({ input: { names, yes }, io, client, signal, out }) => {
    await confirm(io, `Delete ${names.length === 1 ? `user ${names[0]}` : `${names.length} users`}?`, yes)
    for (const name of names) {
      await client.users.delete(name, { signal })
      await out.say(`user ${name} deleted`)
    }
  },
})
