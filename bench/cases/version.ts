import { join } from 'node:path'
import { root, runCommand } from '../../tools/command.ts'
import type { Bench } from '../bench.ts'
import { median, p95, timed } from '../measure.ts'

const ROUNDS = 20

/** `davit --version` as a process: what every command of the CLI costs before it does anything. */
export const version: Bench = async ({ signal }) => {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    times.push(
      await timed(async () => {
        const { code, output } = await runCommand(process.execPath, [join(root, 'packages', 'cli', 'bin.cjs'), '--version'], { signal })
        if (code !== 0) throw new Error(`davit --version ended with ${code}: ${output}`)
      }),
    )
  return [{ name: 'davit --version', value: median(times), unit: 'ms', goal: '≤ 150 ms', note: `median of ${ROUNDS}, p95 ${p95(times).toFixed(0)} ms` }]
}
