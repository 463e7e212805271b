import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FunctionHandle, ProjectHandle, RunHandle } from 'davit'
import { isFinal } from 'davit/contract'
import { expect } from 'vitest'
import { workloadName } from '../../packages/server/src/domain/names.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import type { RunOptions } from './kube-house.ts'
import type { KubeWorld } from './kube-world.ts'
import { IMAGE } from './test-engine.ts'

/** A job that counts half seconds, tells its secret's length and ends with a code. */
export interface Count {
  /** Has no secret, and so nothing beside its Job. */
  readonly bare?: boolean
  readonly steps: number
  readonly code: number
  /** How often it may be tried again. */
  readonly retries?: number
}

export interface CountRun extends Count {
  readonly run: RunHandle
}

/** What runs under a fault: jobs that count, a deploy that stays, a service that answers. */
export interface Load {
  readonly project: ProjectHandle
  job(count: Count): Promise<CountRun>
  deploy(more?: RunOptions): Promise<RunHandle>
  serve(): Promise<RunHandle>
}

const SCRIPT = 'i=0; while [ $i -lt $STEPS ]; do i=$((i+1)); echo line $i; sleep 0.5; done; echo "secret ${#TOKEN}"; exit $CODE'
const SECRET = 'a-value-of-22-letters!'
const linesOf = ({ steps, bare }: Count): string =>
  [...Array.from({ length: steps }, (_, at) => `line ${at + 1}`), `secret ${bare ? 0 : SECRET.length}`, ''].join('\n')

/** What a run of the counter is asked for. No two are alike, so that each is rehearsed. */
export const paramsOf = ({ steps, code, retries = 0, bare = false }: Count) => ({
  secrets: bare ? [] : ['TOKEN'],
  envs: { STEPS: steps, CODE: code, UNIQUE: randomUUID() },
  backoff_limit: retries,
})

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
    job: async (count) => ({ ...count, run: await counter.run('job', { ...common, ...paramsOf(count) }) }),
    deploy: (more = {}) => stays.run('deploy', { ...common, ...more }),
    serve: () => web.run('serve', { ...common, service_ports: [{ port: 8085, target_port: 8501 }], service_type: 'NodePort' }),
  }
}

export const runsWell = (run: RunHandle): Promise<RunHandle> => run.wait({ until: 'ready', timeoutMs: 60_000 })

/** Each ended once, as it should: state, code, whole log, one attempt of one pod (unless somebody's hand made it more). */
export async function expectCounted({ podsMadeFor }: KubeWorld, counts: readonly CountRun[], { pods = 1 }: { readonly pods?: number } = {}): Promise<void> {
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
    expect(await podsMadeFor(workloadName({ id: run.id, action: 'job' }, 1)), run.id).toHaveLength(pods)
  }
}

/** Its address may have changed with its pod. */
const answers = async (run: RunHandle): Promise<boolean> => {
  await run.refresh()
  return run.invoke('/').then(
    ({ status }) => status === 200,
    () => false,
  )
}

/** What should stay has stayed: running, in its first attempt unless something else is expected; a service answers. */
export async function expectStays(runs: readonly RunHandle[], { attempts = 1 }: { readonly attempts?: number } = {}): Promise<void> {
  for (const run of runs) {
    const isWell = async (): Promise<boolean> => {
      const { state, status } = await run.refresh()
      const { verdict, containers = [] } = status
      return state === 'RUNNING' && !verdict && containers.length > 0 && containers.every(({ ready, attempt }) => ready && attempt === attempts)
    }
    await waitUntil(isWell, { timeout: 60_000, every: 200 })
    expect(run.state).toBe('RUNNING')
    expect(run.status.attempts).toHaveLength(attempts)
    expect(run.status.verdict).toBeUndefined()
    if (run.status.service) expect(await waitUntil(() => answers(run), { timeout: 30_000, every: 100 })).toBe(true)
  }
}

/** Stops what stays, and checks that nothing of any run is left in the cluster. `pods`: how many each of those that stay had; the last left its log, the others that or a note. */
export async function expectNothingLeft(
  { leftOf }: KubeWorld,
  { counts, stays, pods = 1 }: { readonly counts: readonly CountRun[]; readonly stays: readonly RunHandle[]; readonly pods?: number },
): Promise<void> {
  for (const run of stays) if (!isFinal((await run.refresh()).state)) await run.stop()
  for (const run of stays) {
    await run.wait({ timeoutMs: 60_000 })
    expect(run.status).toMatchObject({ state: 'STOPPED', verdict: { code: 'stopped-by-user' } })
    const lost = (run.status.notes ?? []).filter(({ code }) => code === 'log-lost')
    expect((await run.logs()).map(({ text }) => text)).toEqual(Array.from({ length: Math.max(1, pods - lost.length) }, () => 'up\n'))
  }
  expect(await leftOf([...counts.map(({ run }) => run), ...stays])).toEqual([])
}

/** Jobs that run on, that end meanwhile and that are being submitted, a deploy and a service, all under one fault: none is changed by it. */
export async function survives(world: KubeWorld, work: Load, fault: () => Promise<void>): Promise<void> {
  const stays = await Promise.all([work.deploy(), work.serve()].map(async (run) => runsWell(await run)))
  const before = await Promise.all([work.job({ steps: 60, code: 7 }), work.job({ steps: 8, code: 3 }), work.job({ steps: 8, code: 0, bare: true })])
  await Promise.all(before.map(({ run }) => runsWell(run)))
  const submitted = Promise.all([0, 1, 2].map((code) => work.job({ steps: 1, code, bare: code === 1 })))
  const faulty = fault()
  const during = await submitted
  await sleep(1500)
  const late = await work.job({ steps: 1, code: 4 })
  await faulty
  const counts = [...before, ...during, late]
  await expectCounted(world, counts)
  await expectStays(stays)
  await expectNothingLeft(world, { counts, stays })
}
