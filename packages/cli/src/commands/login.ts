import { hostname } from 'node:os'
import { DavitError } from 'davit/contract'
import { browserLogin } from '#login/browser-login.ts'
import { type Discovered, discover } from '#login/discover.ts'
import { type LocalContext, localCommand, optional } from '#runner/command.ts'
import { connect } from '#runner/connect.ts'
import { contextsFile, readContexts, writeContexts } from '#runner/contexts.ts'
import { invalid } from '#runner/invalid.ts'
import { flag, text } from '#runner/option.ts'
import type { Settings } from '#runner/settings.ts'

const KEPT_DAYS = 90

interface Input {
  readonly target: string | undefined
  readonly name: string | undefined
  readonly user: string | undefined
  readonly tokenStdin: boolean
  readonly noBrowser: boolean
}
type Context = LocalContext<Input>

interface Won {
  readonly token: string
  /** Its id, when it was made for this. */
  readonly made?: string
  readonly user: string
}

/**
 * What a login is worth for a while is too much to keep in a file for ever: a token of its own can be seen, and revoked. It ends no later
 * than the login: only then it keeps the roles that an identity provider gave.
 */
const makeToken = async ({ io, signal }: Context, endpoint: string, proof: Pick<Settings, 'token' | 'login'>): Promise<Won> => {
  const client = await connect({ endpoint, ...proof }, io)
  const { expires: end } = await client.account.get({ signal })
  const longest = new Date(Date.now() + KEPT_DAYS * 86_400_000).toISOString()
  const expires = end !== undefined && end < longest ? end : longest
  const { id, token, user } = await client.tokens.create({ name: `davit login on ${hostname()}`.slice(0, 128), expires }, { signal })
  return { token, made: id, user }
}

const checkToken = async ({ io, signal }: Context, endpoint: string, token: string): Promise<Won> => {
  if (token === '') throw invalid('the token is empty')
  const { name } = await (await connect({ endpoint, token, login: undefined }, io)).account.get({ signal })
  return { token, user: name }
}

const secretFor = ({ io }: Context, question: string): Promise<string> =>
  io.stdin.isTTY ? io.ask(question, { hidden: true }) : io.stdin.text().then((said) => said.replace(/\r?\n$/, ''))

const win = async (context: Context, endpoint: string, server: Discovered): Promise<Won> => {
  const { input, io, out, signal } = context
  if (input.tokenStdin) return checkToken(context, endpoint, (await io.stdin.text()).trim())
  if (input.user !== undefined) {
    if (!server.withPassword) throw invalid(`${endpoint} takes no passwords`, { hint: 'give a token by --token-stdin, or log in in the browser' })
    return makeToken(context, endpoint, { token: undefined, login: { user: input.user, password: await secretFor(context, `Password of ${input.user}: `) } })
  }
  if (!io.stdin.isTTY) throw invalid('nobody is there to log in', { hint: 'give a token: davit login --token-stdin < token.txt' })
  if (input.noBrowser) return checkToken(context, endpoint, (await secretFor(context, 'Access token: ')).trim())
  const show = async (url: string): Promise<void> => {
    await out.warn(`Log in in the browser, which should open by itself:\n  ${url}`)
    io.openUrl(url)
  }
  return makeToken(context, endpoint, { token: await browserLogin({ server, io, signal, show }), login: undefined })
}

export const login = localCommand({
  name: 'login',
  group: 'people',
  summary: 'Log in to a server: in the browser, with a password, or with a token',
  args: { target: optional('A URL, or the name of a saved context (default: the server in use)', 'context') },
  options: {
    name: text('-n, --name <context>', 'Save the server under this name (default: its host)'),
    user: text('-u, --user <name>', 'Log in with the password of this user, read from stdin or asked for'),
    tokenStdin: flag('--token-stdin', 'Log in with an access token that is read from stdin'),
    noBrowser: flag('--no-browser', 'Ask for an access token instead of opening a browser'),
  },
  examples: ['davit login https://davit.acme.org', 'davit login https://davit.acme.org --user ann', 'davit login --token-stdin < token.txt'],
  run: async (context) => {
    const { input, out, io, settings, signal } = context
    const file = contextsFile(io.env)
    const saved = await readContexts(file)
    const known = input.target === undefined ? undefined : saved.contexts[input.target]
    const endpoint = (known?.endpoint ?? input.target ?? settings.endpoint).replace(/\/+$/, '')
    if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) throw invalid(`"${endpoint}" is neither a saved context nor an http:// or https:// URL`)
    const server = await discover(endpoint, io, signal)
    const won = server.open ? undefined : await win(context, endpoint, server)
    const name = input.name ?? (known ? input.target : undefined) ?? nameOf(saved.contexts, endpoint)
    const old = saved.contexts[name]
    const kept = { endpoint, ...(old?.project !== undefined && { project: old.project }) }
    const made = won && { token: won.token, ...(won.made !== undefined && { made: won.made }) }
    await writeContexts(file, { ...saved, current: name, contexts: { ...saved.contexts, [name]: { ...kept, ...made } } })
    if (won && settings.token !== undefined && settings.origin.startsWith('DAVIT')) await out.warn('DAVIT_TOKEN is set and goes before this login')
    await out.say(won ? `logged in to ${endpoint} as ${won.user}` : `${endpoint} needs no login`)
  },
})

const nameOf = (contexts: Readonly<Record<string, { readonly endpoint: string }>>, endpoint: string): string => {
  const known = Object.entries(contexts).find(([, context]) => context.endpoint === endpoint)
  const host = URL.parse(endpoint)?.host
  if (host === undefined) throw new DavitError('invalid', `${endpoint} is no URL`)
  return known?.[0] ?? host
}
