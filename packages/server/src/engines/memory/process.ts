import { expand, parseScript, type Statement } from './shell.ts'

export interface ProcessContext {
  readonly hostname: string
  readonly env: Readonly<Record<string, string>>
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>
  readonly write: (text: string) => void
  readonly listen: (port: number) => void
}

export interface Ending {
  readonly exitCode: number
  readonly oomKilled: boolean
}

/** A running pretended process. */
export interface MemoryProcess {
  /** Asks it to end (SIGTERM). */
  readonly terminate: () => void
  readonly kill: (ending?: Ending) => void
}

/** Thrown through the script by `exit` and by signals. */
class Ended extends Error {
  readonly ending: Ending
  constructor(ending: Ending) {
    super('ended')
    this.ending = ending
  }
}

const ended = (exitCode: number, oomKilled = false): Ended => new Ended({ exitCode, oomKilled })
/** What a running script waits for, in ms. */
type Waits<T> = Generator<number, T>
const FOR_EVER = 2 ** 31 - 1
const SIGNALS: Readonly<Record<string, number>> = { '-9': 137, '-KILL': 137, '-15': 143, '-TERM': 143, '-2': 130, '-INT': 130, '-11': 139, '-SEGV': 139 }

interface Shell extends ProcessContext {
  trap: string | undefined
  status: number
}
type Command = (shell: Shell, args: readonly string[]) => Waits<number>

const unescape = (text: string): string => text.replaceAll(/\\([nt\\])/g, (_, char: string) => ({ n: '\n', t: '\t' })[char] ?? '\\')

/** Commands that only say something. */
const says = (text: (shell: Shell, args: readonly string[]) => string): Command =>
  function* (shell, args) {
    yield* []
    shell.write(
      text(
        shell,
        args.filter((arg) => arg !== '>&2'),
      ),
    )
    return 0
  }
const ends = (code: (args: readonly string[], shell: Shell) => Ended): Command =>
  function* (shell, args) {
    yield* []
    throw code(args, shell)
  }

/** All that the pretended images hold. */
const COMMANDS: Readonly<Record<string, Command>> = {
  echo: says((_, args) => (args[0] === '-n' ? args.slice(1).join(' ') : `${args.join(' ')}\n`)),
  printf: says((_, [format = '', ...args]) => unescape(format).replaceAll('%s', () => args.shift() ?? '')),
  env: says(({ env }) =>
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  ),
  printenv: says(({ env }, [name = '']) => (env[name] === undefined ? '' : `${env[name]}\n`)),
  hostname: says(({ hostname }) => `${hostname}\n`),
  exit: ends(([code], { status }) => ended(Number(code ?? status) & 255)),
  kill: ends(([signal = '']) => ended(SIGNALS[signal] ?? 143)),
  oom: ends(() => ended(137, true)),
  *true() {
    yield* []
    return 0
  },
  *false() {
    yield* []
    return 1
  },
  *cat({ files, write }, [path = '']) {
    yield* []
    write(files[path] ?? `cat: can't open '${path}': No such file or directory\n`)
    return files[path] === undefined ? 1 : 0
  },
  *sleep(_, [seconds = '0']) {
    yield seconds === 'infinity' ? FOR_EVER : Number(seconds) * 1000
    return 0
  },
  *trap(shell, [body = '']) {
    yield* []
    shell.trap = body
    return 0
  },
  *httpd({ listen }, args) {
    listen(Number(args[args.indexOf('-p') + 1] ?? 80))
    for (;;) yield FOR_EVER
  },
  *exec(shell, argv) {
    throw ended(yield* runArgv(shell, argv))
  },
  *sh(shell, args) {
    if (args[0] !== '-c') return 0
    return yield* runScript(shell, parseScript(args[1] ?? ''))
  },
}

const programOf = (name: string): string => name.replace(/^\/(?:usr\/)?bin\//, '')

/** Does the pretended image hold this command? */
export const holds = (program: string): boolean => Object.hasOwn(COMMANDS, programOf(program))

function* runArgv(shell: Shell, [program = '', ...args]: readonly string[]): Waits<number> {
  const command = COMMANDS[programOf(program)]
  if (command) return yield* command(shell, args)
  shell.write(`sh: ${program}: not found\n`)
  return 127
}

function* runScript(shell: Shell, statements: readonly Statement[]): Waits<number> {
  for (const statement of statements) {
    if ('loop' in statement) {
      for (;;) {
        yield 1 // a loop without a sleep must not hold the whole process
        yield* runScript(shell, statement.loop)
      }
    }
    if (statement.unlessFailed && shell.status !== 0) continue
    const variable = (name: string): string => (name === '$' ? '1' : name === '?' ? String(shell.status) : (shell.env[name] ?? ''))
    shell.status = yield* runArgv(
      shell,
      statement.words.map((word) => expand(word, variable)),
    )
  }
  return shell.status
}

/** Runs argv until it ends; what does not wait ends before this returns. */
export function runProcess(argv: readonly string[], context: ProcessContext, onEnd: (ending: Ending) => void): MemoryProcess {
  const shell: Shell = { ...context, trap: undefined, status: 0 }
  let timer: NodeJS.Timeout | undefined
  let over = false
  let script = runArgv(shell, argv)
  const finish = (ending: Ending): void => {
    if (over) return
    over = true
    clearTimeout(timer)
    onEnd(ending)
  }
  const go = (): void => {
    try {
      const step = script.next()
      if (step.done) finish({ exitCode: step.value, oomKilled: false })
      else timer = setTimeout(go, Math.min(step.value, FOR_EVER)).unref()
    } catch (error) {
      if (!(error instanceof Ended)) throw error
      finish(error.ending)
    }
  }
  go()
  return {
    terminate: () => {
      if (over || shell.trap === '') return
      clearTimeout(timer)
      if (shell.trap === undefined) finish({ exitCode: 143, oomKilled: false })
      else {
        const interrupted = script
        const handler = parseScript(shell.trap)
        script = (function* () {
          yield* runScript(shell, handler)
          return yield* interrupted
        })()
        go()
      }
    },
    kill: (ending = { exitCode: 137, oomKilled: false }) => finish(ending),
  }
}
