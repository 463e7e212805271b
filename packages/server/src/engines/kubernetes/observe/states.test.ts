import { type RunPhase, type RunState, VERDICT_CODES, type VerdictCode } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { judge, verdictOfEnd } from '#domain/judge.ts'
import { plan } from '#domain/plan.ts'
import { countRestarts } from '#domain/restarts.ts'
import { stateOf, statusOf } from '#domain/status.ts'
import { workload as sample } from '#domain/testing/samples.ts'
import { CREATION_RULES } from './creation.ts'
import { DISRUPTIONS, JOB_FAILURES, POD_ENDS } from './kubelet.ts'
import { observation } from './observation.ts'
import { SCHEDULER_RULES } from './scheduling.ts'
import type { KubeSeen } from './seen.ts'
import { DEPLOYMENT_ROWS } from './testing/deployment-rows.ts'
import { JOB_ROWS } from './testing/job-rows.ts'
import { POD_ROWS } from './testing/pod-rows.ts'
import { ago, NOW } from './testing/things.ts'

interface Becomes {
  readonly state: RunState
  readonly phase: RunPhase
  readonly verdict: VerdictCode | undefined
}

/** What becomes of a run that was accepted and applied, when this is seen: through the same judge and plan as in a server. */
function becomes(cluster: KubeSeen): Becomes {
  const { action } = cluster
  const sight = observation(cluster)
  const seen = sight.phase === 'absent' ? sight : countRestarts(sight, { began: new Date(ago(60)), now: NOW })
  const workload = sample({ action, replicas: cluster.deployment?.spec?.replicas ?? 1 })
  const judged = seen.phase === 'absent' ? { verdict: undefined, fatal: false } : judge(seen, workload, NOW)
  const attempt = { number: 1, applied: true, outcome: undefined, endedAt: undefined, removed: false }
  const step = plan({ state: 'PENDING', action, retries: 0, attempt, seen, hopeless: judged.fatal, now: NOW })
  if (step.do === 'lost')
    return step.outcome === 'failed'
      ? { state: 'ERROR', phase: 'finished', verdict: 'workload-removed' }
      : { state: 'PENDING', phase: 'retrying', verdict: undefined }
  if (seen.phase === 'absent') throw new Error(`a plan to ${step.do} what is absent`)
  if (step.do === 'collect') {
    const [container] = seen.containers
    const verdict = judged.verdict ?? (container && verdictOfEnd(container, workload, []))
    return step.outcome === 'succeeded'
      ? { state: 'COMPLETED', phase: 'finished', verdict: undefined }
      : { state: 'ERROR', phase: 'finished', verdict: verdict?.code }
  }
  expect(step.do).toBe('show')
  const state = stateOf({ action, seen, verdict: judged.verdict })
  const { phase = 'queued' } = statusOf(state, seen, { workload, verdict: judged.verdict, notes: undefined })
  return { state, phase, verdict: judged.verdict?.code }
}

const PARTS = { 'A job': JOB_ROWS, 'Every pod': POD_ROWS, 'A deploy or serve': DEPLOYMENT_ROWS } as const

describe.each(Object.entries(PARTS))('%s', (_part, rows) => {
  test.each(rows.map((row) => [row.shows, row] as const))('%s', (_shows, { seen, state, phase, verdict }) => {
    expect(becomes(seen)).toEqual({ state, phase, verdict })
  })

  test('no two rows say the same', () => {
    expect(new Set(rows.map(({ shows }) => shows)).size).toBe(rows.length)
  })
})

test('every code that the tables of the adapter hold is in a row', () => {
  const rules: readonly VerdictCode[] = [
    ...[...SCHEDULER_RULES, ...CREATION_RULES].map(({ code }) => code),
    ...Object.values(POD_ENDS),
    ...Object.values(DISRUPTIONS),
    ...Object.values(JOB_FAILURES),
  ]
  const told = new Set(
    Object.values(PARTS)
      .flat()
      .map(({ verdict }) => verdict),
  )
  expect(rules.filter((code) => !told.has(code))).toEqual([])
})

const cell = (text: string): string => text.replaceAll('|', '\\|')
const lines = Object.entries(PARTS).flatMap(([part, rows]) => [
  `## ${part}`,
  '',
  '| The cluster shows | State | Phase | Verdict | |',
  '|---|---|---|---|---|',
  ...rows.map(({ shows, state, phase, verdict }) => {
    const goesOn = state === 'PENDING' || state === 'RUNNING'
    const lasts = verdict === undefined ? '' : goesOn ? (VERDICT_CODES[verdict].transient ? 'waits' : 'goes on') : 'ends'
    return `| ${cell(shows)} | ${state} | ${phase} | ${verdict ? `\`${verdict}\`` : ''} | ${lasts} |`
  }),
  '',
])
const page = [
  '# What a run is, by what its cluster shows',
  '',
  "Made by `engines/kubernetes/observe/states.test.ts`, which puts each row through the server's own judge and plan; `npm test` fails when this",
  'page says something else (`vitest run -u` on that file writes it anew). The evidence of a verdict is always what the cluster said, word for word.',
  'A run that is RUNNING stays RUNNING where PENDING stands here. A job whose attempt ends so is tried again where `backoff_limit` says so.',
  '',
  ...lines,
].join('\n')

test('the table in the docs is the one that was tested', async () => {
  await expect(page).toMatchFileSnapshot('../../../../../../docs/kubernetes-states.md')
})
