import { command, required } from '#runner/command.ts'
import { invalid } from '#runner/invalid.ts'

export const secretSet = command({
  name: 'secret set',
  group: 'change',
  summary: 'Set the value of a secret, read from stdin or asked for',
  args: { name: required('Name of the secret') },
  examples: ['davit secret set API_TOKEN            # asks, shows nothing', 'davit secret set API_TOKEN < token.txt'],
  run: async ({ input, io, client, project, signal, out }) => {
    // A value on the command line would be seen by everybody who lists processes.
    const value = io.stdin.isTTY ? await io.ask(`Value of ${input.name}: `, { hidden: true }) : (await io.stdin.text()).replace(/\r?\n$/, '')
    if (value === '') throw invalid('the value is empty', { hint: `as \`davit secret set ${input.name} < file\`` })
    await client.projects.getOrCreate(project, {}, { signal })
    await client.secrets.set(project, { [input.name]: value }, { signal })
    await out.say(`secret ${input.name} is set in project ${project}`)
  },
})
