import { localCommand, optional } from '#runner/command.ts'
import { type Contexts, contextsFile, readContexts, writeContexts } from '#runner/contexts.ts'
import { invalid } from '#runner/invalid.ts'
import { flag, text } from '#runner/option.ts'
import type { View } from '#runner/table.ts'

interface Listed {
  readonly name: string
  readonly endpoint: string
  readonly project: string | null
  readonly current: boolean
}

const contextView: View<Listed> = {
  kind: 'Context',
  nameOf: ({ name }) => name,
  columns: [
    { header: 'CURRENT', cell: ({ current }) => (current ? '*' : '') },
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'ENDPOINT', cell: ({ endpoint }) => endpoint },
    { header: 'PROJECT', cell: ({ project }) => project ?? '' },
  ],
}

const listed = ({ contexts, current }: Contexts): readonly Listed[] =>
  Object.entries(contexts).map(([name, { endpoint, project }]) => ({ name, endpoint, project: project ?? null, current: name === current }))

const checkedUrl = (target: string): string => {
  const url = URL.parse(target)
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid(`"${target}" is neither a saved context nor an http:// or https:// URL`, { hint: '`davit use` lists the saved ones' })
  if (url.username !== '' || url.password !== '')
    throw invalid('a URL with a password in it would be seen by others', { hint: 'give the token by --token-stdin' })
  return target.replace(/\/+$/, '')
}

export const use = localCommand({
  name: 'use',
  group: 'server',
  summary: 'Choose the server that commands talk to; without an argument list the saved ones',
  args: { target: optional('A URL, or the name of a saved context', 'context') },
  options: {
    name: text('-n, --name <context>', 'Save the URL under this name (default: its host)'),
    tokenStdin: flag('--token-stdin', 'Read the token from stdin and save it'),
  },
  examples: ['davit use http://127.0.0.1:8080', 'davit use https://davit.acme.org --name prod --project vision', 'davit use prod', 'davit use'],
  run: async ({ input, out, io, settings }) => {
    const file = contextsFile(io.env)
    const saved = await readContexts(file)
    const { target } = input
    if (target === undefined) return out.list(contextView, listed(saved), 'No server is saved. Choose one: davit use http://127.0.0.1:8080')
    const named = saved.contexts[target]
    const endpoint = named?.endpoint ?? checkedUrl(target)
    const name = named ? target : (input.name ?? new URL(endpoint).host)
    // A URL that is saved already keeps its login: nobody else could revoke it.
    const known = named ?? (saved.contexts[name]?.endpoint === endpoint ? saved.contexts[name] : undefined)
    // A token that is given to us is not ours to revoke.
    const { token, made } = input.tokenStdin ? { token: (await io.stdin.text()).trim(), made: undefined } : { token: known?.token, made: known?.made }
    const project = settings.project === 'default' ? known?.project : settings.project
    const context = { endpoint, ...(project !== undefined && { project }), ...(token && { token }), ...(made !== undefined && { made }) }
    await writeContexts(file, { ...saved, current: name, contexts: { ...saved.contexts, [name]: context } })
    await out.one(contextView, { name, endpoint, project: project ?? null, current: true }, () => `${name}: ${endpoint}\n`)
  },
})
