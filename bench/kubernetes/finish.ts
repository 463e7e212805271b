import type { Figure } from '../bench.ts'
import { median } from '../measure.ts'
import { type Inside, openInside } from './inside.ts'
import { PODS } from './raw-job.ts'

const ROUNDS = 40
const percentile = (values: readonly number[], part: number): number => [...values].sort((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? Number.NaN

/** P2: what a client that waits for a run learns later than one that watches the very pod. */
async function finish({ raw, project, args, say }: Inside): Promise<readonly Figure[]> {
  const [image = ''] = args
  const over = new Map<string, PromiseWithResolvers<number>>()
  const of = (run: string) => {
    const known = over.get(run) ?? Promise.withResolvers<number>()
    over.set(run, known)
    return known
  }
  const quiet = await raw.watch(PODS, (_type, { metadata, status }) => {
    if (status?.phase === 'Succeeded' || status?.containerStatuses?.[0]?.state?.terminated)
      of(metadata.labels?.['davit.dev/run'] ?? '').resolve(performance.now())
  })
  const fn = await project.newFunction({ name: 'finish', image, command: 'true' })
  const later: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const run = await fn.run('job')
    const [final, seen] = await Promise.all([run.wait().then(() => performance.now()), of(run.id).promise])
    later.push(final - seen)
  }
  quiet()
  say(later.map((ms) => ms.toFixed(0)).join(' '))
  const note = `${ROUNDS} jobs one after the other; p50 ${median(later).toFixed(0)} ms, p99 ${percentile(later, 0.99).toFixed(0)} ms later`
  return [
    { name: 'P2 run final after a raw watch, p50', value: median(later), unit: 'ms', goal: '≤ 20', note },
    { name: 'P2 run final after a raw watch, p99', value: percentile(later, 0.99), unit: 'ms', goal: '≤ 100', note },
  ]
}

await openInside(finish)
