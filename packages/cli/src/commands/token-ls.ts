import { command } from '#runner/command.ts'
import { text } from '#runner/option.ts'
import { tokenView } from '#views/token-view.ts'

export const tokenLs = command({
  name: 'token ls',
  group: 'people',
  summary: 'List access tokens, without their secrets',
  options: { user: text('-u, --user <name>', 'Those of another user; administrators only') },
  run: async ({ input: { user }, client, signal, out }) => out.list(tokenView, await client.tokens.list({ user, signal }).all(), 'No tokens.'),
})
