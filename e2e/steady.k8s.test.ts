import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { isOwn } from '../testbed/kubernetes/index.ts'
import { type KubeHouse, kubeHouse, ON_OWN_CLUSTER, ready, stopped, tellWhenFailed } from './support/kube-house.ts'

let kube: KubeHouse
beforeAll(async () => {
  kube = await kubeHouse()
})
beforeEach(() => tellWhenFailed(kube))
afterAll(() => kube?.close())

interface AuditLine {
  readonly user: { readonly username: string }
  readonly verb: string
  readonly requestURI: string
  readonly requestReceivedTimestamp: string
}

const [RUNS, REPLICAS, MINUTE_MS] = [5, 10, 60_000]

/** What the server asked of the cluster since then, watches aside. */
async function asked(since: Date): Promise<readonly string[]> {
  if (!isOwn(kube.cluster)) throw new Error('this needs the audit log of the testbed')
  const lines = (await readFile(kube.cluster.auditLog, 'utf8')).split('\n').filter((line) => line.includes(`"${kube.user}"`))
  return lines
    .map((line): AuditLine => JSON.parse(line))
    .filter(({ verb, requestReceivedTimestamp }) => verb !== 'watch' && new Date(requestReceivedTimestamp) > since)
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`)
}

test.runIf(ON_OWN_CLUSTER)(
  'a server with 50 running pods asks nothing of the API server in a minute but to go on watching',
  async () => {
    const script = 'trap "exit 0" TERM; while :; do sleep 2; done'
    const runs = await Promise.all(Array.from({ length: RUNS }, () => kube.deploy(script, { replicas: REPLICAS })))
    const running = async (): Promise<boolean> => {
      const counts = await Promise.all(runs.map(async (run) => (await run.refresh()).status.containers?.filter(({ ready: is }) => is).length ?? 0))
      return counts.every((count) => count === REPLICAS)
    }
    await Promise.all(runs.map(ready))
    expect(await waitUntil(running, { timeout: 100_000, every: 500 })).toBe(true)
    expect((await asked(new Date(0))).length).toBeGreaterThan(RUNS)
    // What was under way when the last pod became ready is over.
    await sleep(2000)
    const since = new Date()
    await sleep(MINUTE_MS)
    expect(await asked(since)).toEqual([])
    await stopped(...runs)
  },
  300_000,
)
