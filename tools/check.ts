import { STEPS, type StepResult } from './check/steps.ts'

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')

const runStep = async (step: () => StepResult | Promise<StepResult>): Promise<StepResult> => {
  try {
    return await step()
  } catch (error) {
    return { ok: false, output: `the check itself broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }
  }
}

/** Runs the gates in order, all of them even if one fails: a line for each, and below it what is wrong. */
const main = async (wanted: readonly string[]): Promise<number> => {
  const failed: string[] = []
  for (const [name, step] of Object.entries(STEPS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const startedAt = performance.now()
    const { ok, output } = await runStep(step)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(26)}${seconds.padStart(6)} s\n`)
    if (!ok) {
      failed.push(name)
      process.stdout.write(`${indented(output || 'failed without a word')}\n`)
    }
  }
  process.stdout.write(failed.length === 0 ? 'check: all ok\n' : `check: ${failed.length} failed: ${failed.join(', ')}\n`)
  return failed.length === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
