import type { Run } from 'davit/contract'
import { verdictLines } from '#run/narrate.ts'
import { functionNameOf } from '#run/run-ref.ts'
import type { Colors } from '#runner/colors.ts'
import { containerExitCode } from '#runner/exit-code.ts'
import { printableCell } from '#runner/printable.ts'
import { ageOf, formatDuration } from './age.ts'
import { actionOf, paintState, urlsOf } from './run-view.ts'

interface How {
  readonly colors: Colors
  readonly now: number
}
type Row = readonly (string | number | undefined)[]

const section = (title: string, rows: readonly Row[], { colors }: How): readonly string[] => {
  if (rows.length === 0) return []
  const texts = rows.map((row) => row.map((cell) => printableCell(String(cell ?? '-'))))
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)))
  return ['', colors.bold(title), ...texts.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())]
}

const span = (from: string | undefined, to: string | undefined): string =>
  from !== undefined && to !== undefined ? formatDuration(Date.parse(to) - Date.parse(from)) : ''

const fieldsOf = (run: Run, { colors, now }: How): readonly Row[] => {
  const { status, spec, metadata } = run
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Run', run.id],
    ['Name', run.name === run.id ? undefined : run.name],
    ['Project', run.project],
    ['Function', functionNameOf(run)],
    ['Image', spec.image],
    ['Action', actionOf(run)],
    ['State', `${paintState(status.state, colors)}${status.phase ? ` (${status.phase})` : ''}`],
    ['Exit code', containerExitCode(run)?.toString()],
    ['Message', status.verdict ? undefined : status.message],
    ['Created', metadata.created && `${metadata.created} (${ageOf(metadata.created, now)} ago)`],
    ['By', metadata.created_by ?? run.user],
    ['URL', urlsOf(run).join(' ')],
  ]
  return rows.filter(([, value]) => value !== undefined && value !== '')
}

/** Oldest first, however the server lists them; a message that the verdict says in full is left out. */
const timelineOf = ({ status }: Run): readonly Row[] =>
  (status.transitions ?? [])
    .toReversed()
    .toSorted((a, b) => a.time.localeCompare(b.time))
    .map((step) => [step.time, step.status, status.verdict && step.message === status.message ? '' : (step.message ?? '')])

const exitText = (code: number | undefined): string => (code === undefined ? '' : `exit ${code}`)

const sectionsOf = (run: Run): readonly (readonly [title: string, rows: readonly Row[]])[] => {
  const { attempts = [], containers = [], notes = [], service } = run.status
  return [
    [
      'Service',
      (service?.ports ?? []).map((p) => [
        service?.name,
        service?.type,
        `${p.port} -> ${p.targetPort}/${p.protocol}`,
        p.nodePort && `on this machine ${p.nodePort}`,
      ]),
    ],
    ['Timeline', timelineOf(run)],
    ['Attempts', attempts.map((a) => [`#${a.number}`, a.outcome ?? 'under way', exitText(a.exit_code), span(a.started, a.ended), a.object])],
    ['Containers', containers.map((c) => [c.name, c.state, c.ready ? 'ready' : 'not ready', `${c.restarts} restarts`, exitText(c.exit_code)])],
    ['Notes', notes.map(({ code, path, message }) => [code, path ?? '', message])],
  ]
}

/** A run for people: the verdict first, then what it is, how it came there, what it consists of, what was not honoured. */
export const describeRun = (run: Run, how: How): string => {
  const { verdict } = run.status
  const lines = [
    ...(verdict ? [...verdictLines(verdict, how.colors, verdict.exit_code), ''] : []),
    ...fieldsOf(run, how).map(([name, value]) => `${how.colors.dim(`${name}:`.padEnd(11))} ${printableCell(String(value))}`),
    ...sectionsOf(run).flatMap(([title, rows]) => section(title, rows, how)),
  ]
  return `${lines.join('\n')}\n`
}
