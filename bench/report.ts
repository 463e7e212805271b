import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { root, runCommand } from '../tools/command.ts'
import type { Figure } from './bench.ts'

export interface Report {
  readonly at: string
  readonly commit: string
  readonly machine: { readonly cpus: number; readonly model: string; readonly memoryGiB: number; readonly system: string }
  readonly versions: Readonly<Record<string, string>>
  /** Load averages over one minute, before and after: figures of a busy machine are worth little. */
  readonly load: { readonly before: number; readonly after: number }
  readonly figures: readonly Figure[]
  readonly failures: Readonly<Record<string, string>>
}

export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100

const versionOf = (folder: string): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown'
}

const commitNow = async (): Promise<string> => {
  const { code, output } = await runCommand('git', ['rev-parse', '--short', 'HEAD']).catch(() => ({ code: 1, output: '' }))
  return code === 0 ? output.trim() : 'unknown'
}

export const makeReport = async ({
  before,
  figures,
  failures,
}: {
  before: number
  figures: readonly Figure[]
  failures: Record<string, string>
}): Promise<Report> => ({
  at: new Date().toISOString(),
  commit: await commitNow(),
  machine: {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
  },
  versions: { node: process.versions.node, davit: versionOf('packages/sdk'), fastify: versionOf('node_modules/fastify'), pg: versionOf('node_modules/pg') },
  load: { before, after: loadNow() },
  figures,
  failures,
})

const shown = ({ value, unit }: Figure): string => `${value.toFixed(unit === 'ms' || unit === '/s' ? 0 : 2)} ${unit}`

/** The figures as a table for people. */
export const reportTable = ({ figures, load, machine, versions }: Report): string => {
  const rows = figures.map((figure) =>
    `${figure.name.padEnd(38)}${shown(figure).padStart(10)}  ${(figure.goal ?? '').padEnd(9)} ${figure.note ?? ''}`.trimEnd(),
  )
  const about = `node ${versions['node'] ?? ''}, ${machine.cpus} × ${machine.model}, load ${load.before} → ${load.after}`
  return [`${'what'.padEnd(38)}${'value'.padStart(10)}  ${'goal'.padEnd(9)} made of`, ...rows, about].join('\n')
}

/** Writes the report below `bench/results`; gives the file, from the repository's root. */
export const saveReport = (report: Report): string => {
  const file = join('bench', 'results', `${report.at.replaceAll(':', '-')}.json`)
  mkdirSync(join(root, 'bench', 'results'), { recursive: true })
  writeFileSync(join(root, file), `${JSON.stringify(report, null, 2)}\n`)
  return file
}
