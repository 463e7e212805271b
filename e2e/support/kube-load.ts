import type { FunctionHandle, ProjectHandle, RunHandle } from 'davit'
import { expect } from 'vitest'
import { workloadName } from '../../packages/server/src/domain/names.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import type { KubeWorld } from './kube-world.ts'
import { IMAGE } from './test-engine.ts'

/** A job that counts half seconds, tells a secret's length and ends with a code. */
export interface Count {
  readonly steps: number
  readonly code: number
}

export interface CountRun extends Count {
  readonly run: RunHandle
}

/** What runs under a fault: jobs that count, a deploy that stays, a service that answers. */
export interface Load {
  readonly project: ProjectHandle
  job(count: Count): Promise<CountRun>
  deploy(): Promise<RunHandle>
  serve(): Promise<RunHandle>
}

const SCRIPT = 'i=0; while [ $i -lt $STEPS ]; do i=$((i+1)); echo line $i; sleep 0.5; done; echo "secret ${#TOKEN}"; exit $CODE'
const SECRET = 'a-value-of-22-letters!'
const linesOf = ({ steps }: Count): string => [...Array.from({ length: steps }, (_, at) => `line ${at + 1}`), `secret ${SECRET.length}`, ''].join('\n')

export async function load(project: ProjectHandle): Promise<Load> {
  await project.newSecret({ name: 'TOKEN', secret_value: SECRET })
  const shell = (name: string, script: string): Promise<FunctionHandle> =>
    project.newFunction({ name, kind: 'container', image: IMAGE, command: 'sh', args: ['-c', script] })
  const counter = await shell('counter', SCRIPT)
  const stays = await shell('stays', 'trap "exit 0" TERM; echo up; while :; do sleep 0.2; done')
  const web = await shell('web', 'echo up; exec httpd -f -p 8501 -h /www')
  const common = { termination_grace_period_seconds: 5 } as const
  return {
    project,
    job: async (count) => ({ ...count, run: await counter.run('job', { ...common, secrets: ['TOKEN'], envs: { STEPS: count.steps, CODE: count.code } }) }),
    deploy: () => stays.run('deploy', common),
    serve: () => web.run('serve', { ...common, service_ports: [{ port: 8085, target_port: 8501 }], service_type: 'NodePort' }),
  }
}

export const runsWell = (run: RunHandle): Promise<RunHandle> => run.wait({ until: 'ready', timeoutMs: 60_000 })

/** Each ended once, as it should: state, code, whole log, one attempt of one pod. */
export async function expectCounted({ podsMadeFor }: KubeWorld, counts: readonly CountRun[]): Promise<void> {
  for (const count of counts) {
    const { run, code } = count
    await run.wait({ timeoutMs: 90_000 })
    const outcome = code === 0 ? 'succeeded' : 'failed'
    expect(run.status).toMatchObject({
      state: code === 0 ? 'COMPLETED' : 'ERROR',
      attempts: [{ number: 1, outcome, exit_code: code }],
      ...(code !== 0 && { verdict: { code: 'exit-nonzero', exit_code: code } }),
    })
    expect(run.status.attempts).toHaveLength(1)
    expect((await run.logs()).map(({ text }) => text)).toEqual([linesOf(count)])
    expect(await podsMadeFor(workloadName({ id: run.id, action: 'job' }, 1)), run.id).toHaveLength(1)
  }
}

const answers = (run: RunHandle): Promise<boolean> =>
  run.invoke('/').then(
    ({ status }) => status === 200,
    () => false,
  )

/** What should stay has stayed: running, in its first attempt; a service answers. */
export async function expectStays(runs: readonly RunHandle[]): Promise<void> {
  for (const run of runs) {
    const well = () => run.refresh().then(({ state, status }) => state === 'RUNNING' && status.verdict === undefined)
    await waitUntil(well, { timeout: 60_000, every: 200 })
    expect(run.status).toMatchObject({ state: 'RUNNING', attempts: [{ number: 1 }] })
    expect(run.status.attempts).toHaveLength(1)
    expect(run.status.verdict).toBeUndefined()
    if (run.status.service) expect(await waitUntil(() => answers(run), { timeout: 30_000, every: 100 })).toBe(true)
  }
}

/** Stops what stays, and checks that nothing of any run is left in the cluster. */
export async function expectNothingLeft({ leftOf }: KubeWorld, { counts, stays }: { counts: readonly CountRun[]; stays: readonly RunHandle[] }): Promise<void> {
  for (const run of stays) await run.stop()
  for (const run of stays) {
    await run.wait({ timeoutMs: 60_000 })
    expect(run.status).toMatchObject({ state: 'STOPPED', verdict: { code: 'stopped-by-user' } })
    expect((await run.logs()).map(({ text }) => text)).toEqual(['up\n'])
  }
  expect(await leftOf([...counts.map(({ run }) => run), ...stays])).toEqual([])
}
