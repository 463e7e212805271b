import type { Davit } from 'davit'
import type { Io } from './io.ts'
import type { AnyOption, ValueOf } from './option.ts'
import type { Out } from './out.ts'
import type { Settings } from './settings.ts'

/** What shell completion offers in a place: live names of the server, or a fixed list. */
export type Completes = 'run' | 'function' | 'project' | 'context' | readonly string[]

export interface Argument<T = unknown> {
  readonly help: string
  readonly required: boolean
  readonly variadic: boolean
  readonly completes?: Completes | undefined
  /** Never set: carries the type of the parsed value. */
  readonly type?: T
}

export const required = (help: string, completes?: Completes): Argument<string> => ({ help, required: true, variadic: false, completes })
export const optional = (help: string, completes?: Completes): Argument<string | undefined> => ({ help, required: false, variadic: false, completes })
export const rest = (help: string, completes?: Completes): Argument<readonly string[]> => ({ help, required: false, variadic: true, completes })
/** One or more. */
export const some = (help: string, completes?: Completes): Argument<readonly string[]> => ({ help, required: true, variadic: true, completes })

type Options = Readonly<Record<string, AnyOption>>
type Arguments = Readonly<Record<string, Argument>>
type Input<A extends Arguments, O extends Options> = { readonly [K in keyof A]: A[K] extends Argument<infer T> ? T : never } & {
  readonly [K in keyof O]: ValueOf<O[K]>
}

/** What a command works with. `signal` ends with Ctrl-C (reason: DavitError `aborted`) and with `--timeout` (DavitError `timeout`). */
export interface LocalContext<I> {
  readonly input: I
  readonly out: Out
  readonly io: Io
  readonly settings: Settings
  readonly signal: AbortSignal
  /** This CLI's own version. */
  readonly version: string
  /** Makes the client, for the few local commands that may want one. */
  readonly connect: () => Promise<Davit>
}
export interface Context<I> extends LocalContext<I> {
  readonly client: Davit
  readonly project: string
}

export const GROUPS = {
  run: 'Run containers',
  look: 'Look at them',
  change: 'Change and remove',
  people: 'Who may do what',
  server: 'Server and shell',
} as const
export type Group = keyof typeof GROUPS

interface Definition<A extends Arguments, O extends Options> {
  readonly name: string
  readonly group: Group
  readonly summary: string
  /** Positional arguments in their order. */
  readonly args?: A
  readonly options?: O
  /** Each line: what is typed, then after two spaces and `#` what it does. */
  readonly examples?: readonly string[]
}

interface Described {
  readonly name: string
  readonly group: Group
  readonly summary: string
  readonly args: Arguments
  readonly options: Options
  readonly examples: readonly string[]
}
type Result = Promise<number | undefined | void>
type AnyInput = Readonly<Record<string, unknown>>
// `run` is a method so that a command with narrower input is one too: the runner parses the input by the command's own definition.
interface RemoteCommand extends Described {
  readonly local: false
  run(context: Context<AnyInput>): Result
}
/** Works without a server. */
interface LocalCommand extends Described {
  readonly local: true
  run(context: LocalContext<AnyInput>): Result
}

/** A command as a value, its input types forgotten, for the runner and the completion. `run` gives the exit code; nothing means 0. */
export type Command = RemoteCommand | LocalCommand

const finish = <A extends Arguments, O extends Options>({ args, options, examples, ...definition }: Definition<A, O>) => ({
  ...definition,
  args: args ?? {},
  options: options ?? {},
  examples: examples ?? [],
})

/** A command that talks to the server: it gets a client and the project. */
export const command = <const A extends Arguments = Record<never, never>, const O extends Options = Record<never, never>>(
  definition: Definition<A, O> & { run(context: Context<Input<A, O>>): Result },
): Command => ({ ...finish(definition), local: false, run: definition.run })

/** A command that works without a server. */
export const localCommand = <const A extends Arguments = Record<never, never>, const O extends Options = Record<never, never>>(
  definition: Definition<A, O> & { run(context: LocalContext<Input<A, O>>): Result },
): Command => ({ ...finish(definition), local: true, run: definition.run })
