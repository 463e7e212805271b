import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.ts'
import { bin, runCommand } from './command.ts'
import { EXIT_CODE_OF, type EndReason, lifeline } from './lifeline.ts'
import { clusterOfRun, type ClusterOfRun } from './test/cluster-of-run.ts'
import { missing } from './test/needs.ts'
import { broken, readReport, type TierResult } from './test/report.ts'
import { details, lastLine, type TierOutcome } from './test/summary.ts'
import { testFiles, type Tier, type TierName, TIERS, tierNames } from './test/tiers.ts'

interface Wanted {
  readonly tiers: readonly TierName[]
  /** Only tests whose name holds this (`-t`). */
  readonly name: string | undefined
}

const isTier = (name: string): name is TierName => Object.hasOwn(TIERS, name)

const readArguments = (args: readonly string[]): Wanted => {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { testNamePattern: { type: 'string', short: 't' } } })
  const unknown = positionals.filter((name) => !isTier(name))
  if (unknown.length > 0) throw new Error(`no tier ${unknown.join(', ')}; the tiers are ${tierNames.join(', ')}`)
  const tiers = positionals.length > 0 ? tierNames.filter((name) => positionals.includes(name)) : tierNames
  return { tiers, name: values.testNamePattern }
}

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** What all tiers of a run have in common. */
interface Run extends Wanted {
  readonly signal: AbortSignal
  readonly cluster: ClusterOfRun
}

/** Runs the test files of one tier in a vitest of their own; its report is a file, its output is let through. */
const runVitest = async (tier: TierName, { name, signal, cluster }: Run): Promise<TierResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'davit-test-'))
  const report = join(folder, 'report.json')
  const filter = name === undefined ? [] : ['--testNamePattern', name]
  const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, `--maxWorkers=${TIERS[tier].workers}`]
  const { cluster: network }: Tier = TIERS[tier]
  const command = [bin('vitest'), 'run', '--project', tier, ...options, ...filter]
  try {
    const { argv, env } = await cluster.commandFor(network, command)
    const [program = '', ...args] = argv
    const { code } = await runCommand(program, args, { show: true, signal, env })
    return readReport(readJson(report), code, { filtered: name !== undefined })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A tier that this machine cannot run counts as one skipped, and under CI as one failed. */
const skip = (reason: string): TierResult => (process.env['CI'] ? broken(`cannot run here: ${reason}`) : { passed: 0, skipped: 1, failures: [] })

const runTier = async (tier: TierName, run: Run): Promise<TierOutcome> => {
  const startedAt = performance.now()
  const outcome = (result: TierResult): TierOutcome => ({ ...result, tier, seconds: (performance.now() - startedAt) / 1000 })
  process.stdout.write(`\n— ${tier}: ${TIERS[tier].about}${TIERS[tier].needs.length > 0 ? ` (needs ${TIERS[tier].needs.join(', ')})` : ''}\n`)
  const files = testFiles()[tier]
  if (files.length === 0) return outcome(broken('no test file was found'))
  const reasons = await missing(TIERS[tier].needs)
  if (reasons.length > 0) return { ...outcome(skip(reasons.join('; '))), skippedBecause: reasons.join('; ') }
  return outcome(await runVitest(tier, run).catch((error: unknown) => broken(error instanceof Error ? error.message : String(error))))
}

const main = async (args: readonly string[]): Promise<number> => {
  const wanted = readArguments(args)
  const { signal, close } = lifeline()
  const outcomes: TierOutcome[] = []
  const problem = await build(signal)
  if (problem) outcomes.push({ ...broken(problem), tier: 'build', seconds: 0 })
  const cluster = clusterOfRun(signal)
  for (const tier of wanted.tiers) if (!signal.aborted) outcomes.push(await runTier(tier, { ...wanted, signal, cluster }))
  await cluster.close()
  close()
  if (wanted.name !== undefined && outcomes.every(({ passed, failures }) => passed + failures.length === 0))
    outcomes.push({ ...broken(`no test matches ${wanted.name}`), tier: '-t', seconds: 0 })
  const interrupted = signal.aborted ? EXIT_CODE_OF[signal.reason as EndReason] : undefined
  if (interrupted) outcomes.push({ ...broken(`interrupted: ${String(signal.reason)}`), tier: 'interrupted', seconds: 0 })
  process.stdout.write(`\n${details(outcomes)}\n\n${lastLine(outcomes)}\n`)
  return interrupted ?? (outcomes.some(({ failures }) => failures.length > 0) ? 1 : 0)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
