import { type Command, GROUPS, type Group } from './runner/command.ts'
import { GLOBALS } from './runner/globals.ts'

const FIRST_STEPS = `Start here:
  davit server                               # a server on this machine, until Ctrl-C
  davit run hello-world:latest               # one container, its output, its exit code
  davit serve IMAGE --port 8085:8501         # a service, and its address`

const isGroup = (name: string): name is Group => Object.hasOwn(GROUPS, name)
const padded = (rows: readonly (readonly [string, string])[]): string => rows.map(([name, text]) => `  ${name.padEnd(24)} ${text}`).join('\n')

/** What `davit --help` shows. */
export const rootHelp = (commands: readonly Command[]): string => {
  const groups = Object.keys(GROUPS)
    .filter(isGroup)
    .map((group) => `${GROUPS[group]}:\n${padded(commands.filter((command) => command.group === group).map(({ name, summary }) => [name, summary]))}`)
  const globals = padded(Object.values(GLOBALS).map(({ flags, help }) => [flags, help]))
  return [
    'Usage: davit <command> [flags]',
    'Runs containers as jobs, deployments and services.',
    FIRST_STEPS,
    ...groups,
    `Everywhere:\n${globals}`,
    'Exit codes: 0 ok, 1 unexpected, 2 usage, 3 not found, 4 permission, 5 conflict, 6 refused by a limit, 10 the container failed,\n  11 the platform failed it, 12 out of memory, 13 stopped, 124 timeout, 130 interrupted',
    '`davit <command> --help` says more about one.\n',
  ].join('\n\n')
}

/** What `davit secret` shows: the commands that begin with that word. */
export const familyHelp = (word: string, commands: readonly Command[]): string =>
  `Usage: davit ${word} <command> [flags]\n\n${padded(commands.filter(({ name }) => name.startsWith(`${word} `)).map(({ name, summary }) => [name, summary]))}\n`
