import { notFound } from 'davit/contract'
import { command, required } from '#runner/command.ts'

export const secretGet = command({
  name: 'secret get',
  group: 'look',
  summary: 'Write the value of a secret to stdout, as it is',
  args: { name: required('Name of the secret') },
  examples: ['davit secret get API_TOKEN > token.txt'],
  run: async ({ input: { name }, client, project, signal, out }) => {
    const values = await client.secrets.values(project, [name], { signal })
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) throw notFound('secret', `There is none named ${name} with a value in project ${project}.`, '`davit secret ls` lists them')
    await out.print(value)
  },
})
