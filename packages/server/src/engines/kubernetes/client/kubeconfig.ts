import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { DavitError } from 'davit/contract'
import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import type { ExecPlugin, KubeEndpoint, KubeUser, Material } from './endpoint.ts'

const text = z.string().nullish()
const Cluster = z.looseObject({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': text,
  'proxy-url': text,
})
const Exec = z.looseObject({
  apiVersion: z.string().default('client.authentication.k8s.io/v1'),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: text,
  provideClusterInfo: z.boolean().nullish(),
})
const User = z.looseObject({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  'as-uid': text,
  'as-groups': z.array(z.string()).nullish(),
  exec: Exec.nullish(),
  'auth-provider': z.looseObject({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() }).nullish(),
})
const Context = z.looseObject({ cluster: z.string(), user: z.string().default(''), namespace: text })
const Kubeconfig = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string(), cluster: Cluster })).nullish(),
  contexts: z.array(z.looseObject({ name: z.string(), context: Context })).nullish(),
  users: z.array(z.looseObject({ name: z.string(), user: User.nullish() })).nullish(),
  'current-context': text,
})
type Kubeconfig = z.infer<typeof Kubeconfig>

/** An entry with the folder of the file that it is from: paths in it are seen from there. */
type Placed<T> = T & { readonly folder: string }
type Entries<Name extends 'clusters' | 'contexts' | 'users'> = readonly Placed<NonNullable<Kubeconfig[Name]>[number]>[]

/** One kubeconfig, or several as one. */
interface Merged {
  readonly path: string
  readonly files: readonly string[]
  readonly clusters: Entries<'clusters'>
  readonly contexts: Entries<'contexts'>
  readonly users: Entries<'users'>
  readonly current: string | undefined
}

const wrong = (path: string, what: string, hint: string): DavitError => new DavitError('invalid', `The kubeconfig ${path} ${what}.`, { hint })

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const what = missing ? 'does not exist' : `cannot be read: ${error instanceof Error ? error.message : String(error)}`
    throw wrong(path, what, 'Name an existing kubeconfig in the configuration, or make it with the tool that made the cluster.')
  }
}

const MALFORMED = 'It has to be a kubeconfig as kubectl writes it: clusters, users, contexts. `kubectl config view --kubeconfig FILE` shows what it reads.'

function parse(path: string, content: string): Kubeconfig {
  let raw: unknown
  try {
    raw = parseYaml(content)
  } catch (error) {
    throw wrong(path, `is no YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`, MALFORMED)
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw wrong(path, 'is empty or no mapping', MALFORMED)
  const { data, error } = Kubeconfig.safeParse(raw)
  if (data) return data
  const issue = error.issues[0]
  throw wrong(path, `is malformed at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? 'not readable'}`, MALFORMED)
}

/** Names that one can choose from, for a message. */
const choice = (names: readonly string[]): string => (names.length === 0 ? 'It has none.' : `It has: ${names.join(', ')}.`)

/** `a:b` as kubectl reads it from KUBECONFIG: of what has one name the first counts; what does not exist is left out, while something does. */
const filesAt = (path: string): readonly string[] => {
  const files = path.split(delimiter).filter((file) => file !== '')
  if (files.length < 2 || existsSync(path)) return [path]
  const found = files.filter((file) => existsSync(file))
  return found.length > 0 ? found : files
}

async function readMerged(path: string): Promise<Merged> {
  const files = filesAt(path)
  const read = await Promise.all(files.map(async (file) => ({ folder: dirname(file), ...parse(file, await readText(file)) })))
  const placed = <T extends object>(pick: (config: Kubeconfig) => readonly T[] | null | undefined): readonly Placed<T>[] =>
    read.flatMap(({ folder, ...config }) => (pick(config) ?? []).map((entry) => ({ ...entry, folder })))
  return {
    path,
    files,
    clusters: placed(({ clusters }) => clusters),
    contexts: placed(({ contexts }) => contexts),
    users: placed(({ users }) => users),
    current: read.map((config) => config['current-context']).find(Boolean) ?? undefined,
  }
}

function contextOf({ path, contexts, clusters, users, current }: Merged, wanted: string | undefined) {
  const names = [...new Set(contexts.map((context) => context.name))]
  const name = wanted ?? current
  if (name === undefined) throw wrong(path, `has no current context. ${choice(names)}`.replace(/\.$/, ''), 'Name one of its contexts in the configuration.')
  const found = contexts.find((context) => context.name === name)
  if (!found) throw wrong(path, `has no context ${JSON.stringify(name)}. ${choice(names)}`.replace(/\.$/, ''), 'Name one of its contexts in the configuration.')
  const cluster = clusters.find((each) => each.name === found.context.cluster)
  if (!cluster)
    throw wrong(
      path,
      `names in context ${name} a cluster ${JSON.stringify(found.context.cluster)} that it does not have`,
      'Correct the context, or name another.',
    )
  const user = users.find((each) => each.name === found.context.user)
  if (!user && found.context.user !== '')
    throw wrong(path, `names in context ${name} a user ${JSON.stringify(found.context.user)} that it does not have`, 'Correct the context, or name another.')
  return {
    name,
    context: found.context,
    cluster: cluster.cluster,
    folder: cluster.folder,
    user: userOf(user?.folder ?? '', found.context.user, user?.user ?? {}),
  }
}

const material = (folder: string, data: string | null | undefined, file: string | null | undefined): Material | undefined => {
  if (data) return { text: Buffer.from(data, 'base64').toString('utf8') }
  return file ? { file: isAbsolute(file) ? file : join(folder, file) } : undefined
}

const execOf = (folder: string, exec: z.infer<typeof Exec>): ExecPlugin => ({
  apiVersion: exec.apiVersion,
  // A command with a slash is a path, seen from the kubeconfig; one without is looked for in PATH.
  command: exec.command.includes('/') && !isAbsolute(exec.command) ? join(folder, exec.command) : exec.command,
  args: exec.args ?? [],
  env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
  installHint: exec.installHint ?? undefined,
  provideClusterInfo: exec.provideClusterInfo ?? false,
})

function userOf(folder: string, name: string, user: z.infer<typeof User>): KubeUser {
  const provider = user['auth-provider']
  const tokenFile = user.tokenFile ? material(folder, undefined, user.tokenFile) : undefined
  return {
    name,
    token: user.token ?? undefined,
    tokenFile: tokenFile && 'file' in tokenFile ? tokenFile.file : undefined,
    certificate: material(folder, user['client-certificate-data'], user['client-certificate']),
    key: material(folder, user['client-key-data'], user['client-key']),
    basic: user.username ? { username: user.username, password: user.password ?? '' } : undefined,
    exec: user.exec ? execOf(folder, user.exec) : undefined,
    legacy: provider ? { name: provider.name, config: provider.config ?? {} } : undefined,
    impersonate: {
      ...(user.as && { 'impersonate-user': user.as }),
      ...(user['as-uid'] && { 'impersonate-uid': user['as-uid'] }),
      ...(user['as-groups']?.length && { 'impersonate-group': user['as-groups'] }),
    },
  }
}

/** The files among these, which may change while we run. */
const filesOf = (...materials: readonly (Material | undefined)[]): string[] => materials.flatMap((each) => (each && 'file' in each ? [each.file] : []))

/**
 * What a kubeconfig, or several with colons between, say about one of their contexts (default: the current one). Throws DavitError `invalid`, with what is wrong,
 * where, and what one could name instead.
 */
export async function readKubeconfig(path: string, contextName?: string): Promise<KubeEndpoint> {
  const merged = await readMerged(path)
  const { name, context, cluster, folder, user } = contextOf(merged, contextName)
  if (!URL.canParse(cluster.server) || !/^https?:$/.test(new URL(cluster.server).protocol))
    throw wrong(path, `has in cluster ${context.cluster} a server ${JSON.stringify(cluster.server)} that is no http(s) address`, 'Correct it.')
  const authority = material(folder, cluster['certificate-authority-data'], cluster['certificate-authority'])
  return {
    source: `kubeconfig ${path}`,
    contextName: name,
    server: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace || 'default',
    authority,
    insecure: cluster['insecure-skip-tls-verify'] ?? false,
    tlsServerName: cluster['tls-server-name'] || undefined,
    proxyUrl: cluster['proxy-url'] || undefined,
    user,
    files: [...merged.files, ...filesOf(authority, user.certificate, user.key), ...(user.tokenFile ? [user.tokenFile] : [])],
  }
}
