import { isFinal, RUN_PHASES, type Run, type Verdict } from 'davit/contract'
import type { Colors } from '#runner/colors.ts'
import type { Out } from '#runner/out.ts'
import { printable } from '#runner/printable.ts'
import { shortId } from './short-id.ts'

/** Where a run is, in a word: its phase, or its state where the server says no phase. */
export const phaseOf = ({ status }: Pick<Run, 'status'>): string => status.phase ?? status.state.toLowerCase()

/** What a phase means; at the end just the state, because the verdict follows with the rest. */
const detailOf = ({ status }: Pick<Run, 'status'>): string =>
  isFinal(status.state) ? status.state : (status.message ?? (status.phase ? RUN_PHASES[status.phase] : ''))

/** Verdicts first: what it is, what was seen, what to do. */
export const verdictLines = (verdict: Verdict, colors: Colors, exit?: number): readonly string[] => [
  `${colors.red(printable(verdict.title))}${exit === undefined || verdict.title.includes('exit code') ? '' : ` (exit code ${exit})`} ${colors.dim(`[${verdict.code}]`)}`,
  ...verdict.evidence.flatMap((line) => line.split('\n')).map((line) => `  ${colors.dim('|')} ${printable(line)}`),
  ...(verdict.hint === '' ? [] : [`${colors.dim('hint:')} ${printable(verdict.hint)}`]),
]

/** Says on stderr what a run goes through, a line for each change: `[  0.4s] pulling    fetching the image`. */
export const narrator = (out: Out, now: () => number = Date.now) => {
  const started = now()
  let last = ''
  let lastVerdict = ''
  return async (run: Run): Promise<void> => {
    const phase = phaseOf(run)
    const text = `${phase.padEnd(10)} ${detailOf(run)}`.trimEnd()
    const { verdict } = run.status
    out.busy(phase === 'running' || phase === 'finished' ? undefined : text)
    if (text !== last) await out.say(out.stderrColors.dim(`[${((now() - started) / 1000).toFixed(1).padStart(6)}s] ${text}`))
    last = text
    // A cause that shows while the run goes on; the final one is shown once, at the end.
    if (verdict && verdict.code !== lastVerdict && phase !== 'finished' && phase !== 'collecting')
      for (const line of verdictLines(verdict, out.stderrColors)) await out.say(line)
    lastVerdict = verdict?.code ?? ''
  }
}

const commands = (rows: readonly (readonly [string, string])[]): readonly string[] => rows.map(([typed, text]) => `  ${typed.padEnd(28)} ${text}`)

/** Said after Ctrl-C or a timeout: nothing was stopped. */
export const farewell = (run: Pick<Run, 'id'>): readonly string[] => [
  `Detached: run ${shortId(run.id)} goes on.`,
  ...commands([
    [`davit logs -f ${shortId(run.id)}`, 'follow it again'],
    [`davit stop ${shortId(run.id)}`, 'stop it'],
  ]),
]

/** The commands that one types next. */
export const nextCommands = (run: Pick<Run, 'id'>): readonly string[] =>
  commands([
    [`davit logs -f ${shortId(run.id)}`, 'its output'],
    [`davit describe ${shortId(run.id)}`, 'how it is, and why'],
    [`davit stop ${shortId(run.id)}`, 'stop it'],
  ])
