import { command, some } from '#runner/command.ts'
import { text } from '#runner/option.ts'

export const tokenRevoke = command({
  name: 'token revoke',
  group: 'people',
  summary: 'Make access tokens worthless, at once',
  args: { ids: some('Ids, as `davit token ls` shows them') },
  options: { user: text('-u, --user <name>', 'Those of another user; administrators only') },
  run: async ({ input: { ids, user }, client, signal, out }) => {
    for (const id of ids) {
      await client.tokens.revoke(id, { user, signal })
      await out.say(`token ${id} revoked`)
    }
  },
})
