import { command, required } from '#runner/command.ts'
import { invalid } from '#runner/invalid.ts'
import { list, parseDuration, text } from '#runner/option.ts'
import { tokenView } from '#views/token-view.ts'

const endOf = (given: string): string | undefined => {
  if (given === 'never') return undefined
  const ms = parseDuration(given)
  if (ms === undefined || ms <= 0) throw invalid(`--expires must be a duration such as 12h or 30d, or never, not "${given}"`)
  return new Date(Date.now() + ms).toISOString()
}

export const tokenCreate = command({
  name: 'token create',
  group: 'people',
  summary: 'Make an access token, shown once',
  args: { name: required('What it is for') },
  options: {
    expires: text('--expires <duration>', 'How long it is good, or never (default: 90d)'),
    only: list('--only <project>', 'Only in this project. Repeatable'),
    verb: list('--verb <verb>', 'Only this verb, such as run.read, run.* or *.read. Repeatable'),
    user: text('-u, --user <name>', 'For another user or a service account; administrators only'),
  },
  examples: [
    'davit token create laptop',
    "davit token create ci --only vision --verb 'run.*' --verb secret.use --expires 30d",
    'davit token create bot --user ci-bot --expires never',
  ],
  run: async ({ input, client, signal, out }) => {
    const { name, only, verb, user } = input
    const expires = endOf(input.expires ?? '90d')
    const body = {
      name,
      ...(user !== undefined && { user }),
      ...(only.length > 0 && { projects: [...only] }),
      ...(verb.length > 0 && { verbs: [...verb] }),
      ...(expires !== undefined && { expires }),
    }
    const made = await client.tokens.create(body, { signal })
    if (out.human) await out.say('This is shown once. Keep it where others cannot read it:')
    await out.one(tokenView, made, () => `${made.token}\n`)
  },
})
