import type { Command } from './runner/command.ts'

type Load = () => Promise<Command>

/** Every command, by what is typed. Each is loaded when it is asked for, so that none pays for the others at start. */
export const COMMANDS = {
  run: async () => (await import('#commands/run.ts')).run,
  serve: async () => (await import('#commands/serve.ts')).serve,
  deploy: async () => (await import('#commands/deploy.ts')).deploy,
  apply: async () => (await import('#commands/apply.ts')).apply,
  ps: async () => (await import('#commands/ps.ts')).ps,
  get: async () => (await import('#commands/get.ts')).get,
  describe: async () => (await import('#commands/describe.ts')).describe,
  logs: async () => (await import('#commands/logs.ts')).logs,
  wait: async () => (await import('#commands/wait.ts')).wait,
  projects: async () => (await import('#commands/projects.ts')).projects,
  functions: async () => (await import('#commands/functions.ts')).functions,
  stop: async () => (await import('#commands/stop.ts')).stop,
  rm: async () => (await import('#commands/rm.ts')).rm,
  delete: async () => (await import('#commands/delete.ts')).remove,
  'secret set': async () => (await import('#commands/secret-set.ts')).secretSet,
  'secret get': async () => (await import('#commands/secret-get.ts')).secretGet,
  'secret ls': async () => (await import('#commands/secret-ls.ts')).secretLs,
  'secret rm': async () => (await import('#commands/secret-rm.ts')).secretRm,
  server: async () => (await import('#commands/server.ts')).server,
  login: async () => (await import('#commands/login.ts')).login,
  logout: async () => (await import('#commands/logout.ts')).logout,
  whoami: async () => (await import('#commands/whoami.ts')).whoami,
  'token create': async () => (await import('#commands/token-create.ts')).tokenCreate,
  'token ls': async () => (await import('#commands/token-ls.ts')).tokenLs,
  'token revoke': async () => (await import('#commands/token-revoke.ts')).tokenRevoke,
  'user create': async () => (await import('#commands/user-create.ts')).userCreate,
  'user ls': async () => (await import('#commands/user-ls.ts')).userLs,
  'user password': async () => (await import('#commands/user-password.ts')).userPassword,
  'user set': async () => (await import('#commands/user-set.ts')).userSet,
  'user rm': async () => (await import('#commands/user-rm.ts')).userRm,
  'project share': async () => (await import('#commands/project-share.ts')).projectShare,
  'project unshare': async () => (await import('#commands/project-unshare.ts')).projectUnshare,
  'project members': async () => (await import('#commands/project-members.ts')).projectMembers,
  audit: async () => (await import('#commands/audit.ts')).audit,
  'admin rotate-keys': async () => (await import('#commands/admin-rotate-keys.ts')).adminRotateKeys,
  use: async () => (await import('#commands/use.ts')).use,
  doctor: async () => (await import('#commands/doctor.ts')).doctor,
  completion: async () => (await import('#commands/completion.ts')).completion,
  version: async () => (await import('#commands/version.ts')).version,
} as const satisfies Record<string, Load>
export type CommandName = keyof typeof COMMANDS

/** Other words for the same thing, as other tools have them. */
const ALIASES: Readonly<Record<string, CommandName>> = {
  ls: 'ps',
  list: 'ps',
  log: 'logs',
  cancel: 'stop',
  'secret list': 'secret ls',
  'secret delete': 'secret rm',
  'token list': 'token ls',
  'token rm': 'token revoke',
  'user list': 'user ls',
  'user delete': 'user rm',
}

const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name)
export const COMMAND_NAMES: readonly CommandName[] = Object.keys(COMMANDS).filter(isCommandName)

const named = (words: string): CommandName | undefined => (isCommandName(words) ? words : Object.hasOwn(ALIASES, words) ? ALIASES[words] : undefined)

/** The command at the beginning of `words`, the longest name first, and what stands behind it. */
export const findCommand = (words: readonly string[]): { readonly name: CommandName; readonly args: readonly string[] } | undefined => {
  for (const length of [2, 1]) {
    const name = words.length >= length ? named(words.slice(0, length).join(' ')) : undefined
    if (name) return { name, args: words.slice(length) }
  }
  return undefined
}

export const loadAll = (): Promise<readonly Command[]> => Promise.all(COMMAND_NAMES.map((name) => COMMANDS[name]()))
