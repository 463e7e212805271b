import { Davit, getOrCreateProject } from 'davit'
import type { Run } from 'davit/contract'
import { openHouse } from '../support/house.ts'
import { complaint } from './judge.ts'
import { exchange, type Exchange, type WireRequest } from './exchange.ts'
import { type Operation, operationFor, operations } from './operations.ts'
import { type Actor, actorsOf, EVERYBODY, FORM_CSRF } from './actors.ts'
import { changesRights, trespass } from './rights.ts'
import { type Plan, type Prepared, prepare } from './plan.ts'
import { createGrants } from './grants.ts'
import { createPool } from './pool.ts'

/** A request that is not answered by then hangs. Streams are hung up on after a while. */
const DEADLINE_MS = 10_000
const HANG_UP_MS = 150
/** After so many requests there is again something of everything to ask for. */
const REPLENISH_EVERY = 120
const ACTIONS = ['job', 'serve', 'deploy'] as const

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body.split('\n')[0] ?? '')
  } catch {
    return undefined
  }
}

const shown = ({ request: { method, target, headers, body } }: Prepared, { status, end }: Exchange): string =>
  [
    `${method} ${target.slice(0, 500)}`,
    ...headers.map(([name, value]) => `${name}: ${value.slice(0, 100)}`),
    body?.toString().slice(0, 2000) ?? '',
    `→ ${end} ${status}`,
  ].join('\n')

const FLAGS = ['--log-level', 'info', '--log-format', 'json', '--body-limit', '300000']
/** Nobody asks too often here: what is asked is what counts. */
const AUTH_FLAGS = ['--auth', 'basic,bearer', '--rate-limit', '100000000']

/** A server process on the memory engine and a real PostgreSQL, to be asked anything; `auth`: by many, who may more and less. The caller closes it. */
export async function openTarget({ auth = false } = {}) {
  const house = await openHouse({ engine: 'memory', flags: [...FLAGS, ...(auth ? AUTH_FLAGS : [])] })
  const keeper = auth ? /dvt_[\w-]+/.exec(house.server.log())?.[0] : undefined
  const grants = createGrants()
  let actors: readonly Actor[] = [EVERYBODY]
  const pool = createPool()
  const { host } = new URL(house.url)
  const counts = new Map<number, number>()
  let sent = 0

  /** Something of everything, under ids that stay the same. */
  const replenish = async (): Promise<void> => {
    const client = new Davit({ endpoint: house.url, ...(keeper !== undefined && { token: keeper }) })
    if (keeper !== undefined) actors = await actorsOf(house.url, keeper, grants)
    const project = await getOrCreateProject('fuzz', { client })
    const fn = await project.newFunction({ name: 'fn', image: 'app:1', args: ['sh', '-c', 'echo hello'] })
    await client.secrets.create('fuzz', { name: 'sec' }).catch(() => undefined)
    let run: Run | undefined
    for (const action of ACTIONS) {
      const task = await client.tasks.ensure('fuzz', fn.entity, action)
      const spec = { task: `${task.kind}://fuzz/${task.id}`, ...(action === 'serve' && { service_ports: [{ port: 80, target_port: 80 }] }) }
      run = await client.runs.create('fuzz', { kind: `${task.kind}:run`, spec })
    }
    for (const operation of operations.filter(({ method, streams, upgrades }) => method === 'GET' && !streams && !upgrades))
      await ask(operation, { actor: actors.length - 1, entity: 0, path: {}, query: { keys: 'sec' }, body: undefined, twists: [] })
    const act = operations.find(({ id }) => id === 'runs.act')
    if (run && act) pool.learn(act, { project: 'fuzz', action: 'stop', csrf: FORM_CSRF }, run)
  }

  /** A request by whoever the plan names, unless that would change who may what. */
  const prepared = (operation: Operation, plan: Plan): Prepared & { readonly actor: Actor } => {
    const by = (actor: Actor) => ({ ...prepare(operation, plan, { pool, host, headers: actor.headers }), actor })
    const [nobody = EVERYBODY] = actors
    const first = by(actors[plan.actor % actors.length] ?? nobody)
    const meant = operationFor(first.request.method, first.request.target)
    return auth && meant && changesRights(meant, first.actor) ? by(nobody) : first
  }

  const ask = async (operation: Operation, plan: Plan): Promise<string | undefined> => {
    const wanted = prepared(operation, plan)
    const { request, actor } = wanted
    const answer = await exchange(house.url, request, { deadlineMs: DEADLINE_MS, ...((operation.streams || operation.upgrades) && { hangUpMs: HANG_UP_MS }) })
    sent++
    counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
    const json = parsed(answer.body)
    const done = answer.status === 200 ? operationFor(request.method, request.target) : undefined
    if (done) grants.learn(done, { by: actor.account, target: request.target, json })
    const problem = complaint(request, answer, wanted) ?? (auth ? trespass(actor, request, { ...answer, json }) : undefined)
    if (answer.status === 200 && request.method === operation.method) pool.learn(operation, wanted.params, json)
    return problem === undefined ? undefined : `${problem}\n${shown(wanted, answer)}`
  }

  return {
    url: house.url,
    pid: house.server.pid,
    alive: () => house.server.alive(),
    log: () => house.server.log(),
    /** One request as it stands, and its answer; throws when that is not as documented. */
    async raw(request: WireRequest, { broken = false } = {}): Promise<Exchange> {
      const answer = await exchange(house.url, request, { deadlineMs: DEADLINE_MS })
      const problem = complaint(request, answer, { broken })
      if (problem !== undefined) throw new Error(`${problem}\n${request.method} ${request.target}`)
      return answer
    },
    /** Sends plans at once; what is wrong with their answers. */
    async askAll(operation: Operation, plans: readonly Plan[]): Promise<readonly string[]> {
      if (Math.floor(sent / REPLENISH_EVERY) !== Math.floor((sent + plans.length) / REPLENISH_EVERY) || sent === 0) await replenish()
      const problems = await Promise.all(plans.map((plan) => ask(operation, plan)))
      return problems.filter((problem) => problem !== undefined)
    },
    sent: () => sent,
    /** How often each status was answered. */
    counts: () => Object.fromEntries([...counts].sort(([a], [b]) => a - b)),
    close: () => house.close(),
  }
}
export type Target = Awaited<ReturnType<typeof openTarget>>
