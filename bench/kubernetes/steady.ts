import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Figure } from '../bench.ts'
import { inParallel } from '../measure.ts'
import { type Inside, openInside } from './inside.ts'

const RUNS = 50
const MINUTE_MS = 60_000
const Entry = z.looseObject({ verb: z.string(), requestReceivedTimestamp: z.string(), user: z.looseObject({ username: z.string() }), requestURI: z.string() })

/** P3: what we ask of the API server while 50 runs simply run. */
async function steady({ project, args, say }: Inside): Promise<readonly Figure[]> {
  const [image = '', audit = '', user = ''] = args
  const fn = await project.newFunction({ name: 'steady', image, command: ['sleep', '3600'] })
  const runs: Awaited<ReturnType<typeof fn.run>>[] = []
  await inParallel(8, RUNS, async () => void runs.push(await fn.run('deploy')))
  for (const run of runs) while ((await run.refresh()).state !== 'RUNNING') await sleep(200)
  await sleep(5000)
  const [from, to] = [Date.now(), Date.now() + MINUTE_MS]
  say(`${RUNS} runs are up; counting for a minute`)
  await sleep(MINUTE_MS + 1000)
  const entries = (await readFile(audit, 'utf8')).split('\n').flatMap((line) => (line === '' ? [] : [Entry.parse(JSON.parse(line))]))
  const ours = entries.filter((entry) => {
    const at = Date.parse(entry.requestReceivedTimestamp)
    return entry.user.username === user && at >= from && at <= to && entry.verb !== 'watch'
  })
  say(ours.map(({ verb, requestURI }) => `${verb} ${requestURI}`).join('\n'))
  const note = `${ours.length} requests but watches in a minute with ${RUNS} running`
  return [{ name: 'P3 API requests per run and minute', value: ours.length / RUNS, unit: '×', goal: '0', note }]
}

await openInside(steady)
