import { newPassword } from '#login/new-password.ts'
import { command, optional } from '#runner/command.ts'

export const userPassword = command({
  name: 'user password',
  group: 'people',
  summary: "Set a password, one's own or (as administrator) somebody else's; read from stdin or asked for",
  args: { name: optional('Whose (default: your own)') },
  examples: ['davit user password', 'davit user password ann < password.txt'],
  run: async ({ input, io, client, signal, out }) => {
    const { name: own, admin } = await client.account.get({ signal })
    const name = input.name ?? own
    const current = admin || !io.stdin.isTTY ? undefined : await io.ask('Your password now: ', { hidden: true })
    await client.users.setPassword(name, { password: await newPassword(io, name), current }, { signal })
    await out.say(`password of ${name} set; logins of that user have ended`)
  },
})
