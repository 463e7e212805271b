import { passwordChange } from '#login/new-password.ts'
import { command, optional } from '#runner/command.ts'

export const userPassword = command({
  name: 'user password',
  group: 'people',
  summary: "Set a password, one's own or (as administrator) somebody else's; asked for or read from stdin (of your own first the line with the one now)",
  args: { name: optional('Whose (default: your own)') },
  examples: ['davit user password', 'davit user password ann < password.txt', 'davit user password < old-and-new.txt'],
  run: async ({ input, io, client, signal, out }) => {
    const { name: own } = await client.account.get({ signal })
    const name = input.name ?? own
    await client.users.setPassword(name, await passwordChange(io, name, { own: name === own }), { signal })
    await out.say(`password of ${name} set; logins of that user have ended`)
  },
})
