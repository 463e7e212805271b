import { resolveSecret } from '#run/secret-ref.ts'
import { command, some } from '#runner/command.ts'
import { confirm } from '#runner/confirm.ts'
import { flag } from '#runner/option.ts'

export const secretRm = command({
  name: 'secret rm',
  group: 'change',
  summary: 'Delete secrets and their values',
  args: { names: some('Names of secrets') },
  options: { yes: flag('-y, --yes', 'Do not ask') },
  run: async (context) => {
    const { input, io, client, project, signal, out } = context
    await confirm(io, `Delete ${input.names.length === 1 ? `secret ${input.names[0]}` : `${input.names.length} secrets`} and what is in it?`, input.yes)
    for (const name of input.names) {
      const secret = await resolveSecret(context, name)
      await client.secrets.delete(project, secret.id, { signal })
      await out.say(`secret ${name} deleted`)
    }
  },
})
