import { command } from '#runner/command.ts'
import { userView } from '#views/user-view.ts'

export const userLs = command({
  name: 'user ls',
  group: 'people',
  summary: 'List users and service accounts',
  run: async ({ client, signal, out }) => out.list(userView, await client.users.list({ signal }), 'No users.'),
})
