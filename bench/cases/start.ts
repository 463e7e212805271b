import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '../../tools/davit-server.ts'
import type { Bench, BenchContext } from '../bench.ts'
import { median, timed } from '../measure.ts'

const ROUNDS = 7
const FROM_EMPTY = 3

/** From the start of the process to its `ready`. The engine is `memory`: an engine's own start is not ours to measure. */
const startAndStop = async ({ signal }: BenchContext, data: string): Promise<number> => {
  let stop = (): Promise<void> => Promise.resolve()
  const time = await timed(async () => {
    const server = await startServer({ data, flags: ['--engine', 'memory'], signal })
    stop = server.stop
  })
  await stop()
  return time
}

/** Cold start of the server, with a data folder from before and with none. */
export const start: Bench = async (context) => {
  const empty: number[] = []
  let data = context.folder
  for (let round = 0; round < FROM_EMPTY; round++) {
    data = await mkdtemp(join(context.folder, 'd'))
    empty.push(await startAndStop(context, data))
  }
  const existing: number[] = []
  for (let round = 0; round < ROUNDS; round++) existing.push(await startAndStop(context, data))
  return [
    { name: 'server start, existing data folder', value: median(existing) / 1000, unit: 's', goal: '≤ 1 s', note: `median of ${ROUNDS}` },
    { name: 'server start, empty data folder', value: median(empty) / 1000, unit: 's', note: `median of ${FROM_EMPTY}` },
  ]
}
