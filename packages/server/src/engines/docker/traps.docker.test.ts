import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { volumeOf } from '../conformance/commands.ts'
import { type Subject, refOf, subject, eventually } from '../conformance/subject.ts'
import type { Workload } from '#domain/workload.ts'
import { type DockerClient, dockerClient } from './client.ts'
import { containers } from './containers.ts'
import { dockerFixture } from './docker-fixture.ts'
import { dockerEngine } from './engine.ts'
import { findImage } from './image.ts'
import { ContainerInspect } from './inspect.ts'
import { withLateOom } from './late-oom.ts'
import { networkName } from './names.ts'
import { type Started, starter } from './start.ts'
import { withdraw } from './withdraw.ts'

/** What only Docker can get wrong, asked of a real dockerd. */
describe('docker', () => {
  let fixture: Awaited<ReturnType<typeof dockerFixture>>
  let on: Subject
  let client: DockerClient
  beforeAll(async () => {
    fixture = await dockerFixture()
    on = subject(fixture)
    client = dockerClient({ socketPath: fixture.socketPath })
  }, 240_000)
  afterEach(() => on.clean())
  afterAll(async () => {
    client.close()
    await fixture.close()
  }, 60_000)

  const httpd = (): { readonly name: string; readonly port: number; readonly targetPort: number; readonly nodePort: undefined; readonly protocol: 'TCP' } => ({
    name: 'http',
    port: 80,
    targetPort: 80,
    nodePort: undefined,
    protocol: 'TCP',
  })

  test('labels say whose a container is, hold no value of a secret or variable, and cannot be overridden', async () => {
    const labels = { team: 'blue', 'davit.dev/run': 'forged', 'app.kubernetes.io/managed-by': 'me' }
    const workload = on.script('sleep 60', {
      labels,
      env: [{ name: 'PLAIN', value: 'visible-value' }],
      secretNames: ['TOKEN'],
      ports: [httpd()],
      action: 'serve',
    })
    await on.started(workload, { TOKEN: 'hidden-value' })
    const { Config, HostConfig, State } = await fixture.docker.getContainer(`${workload.name}-0`).inspect()
    expect(Config.Labels).toMatchObject({
      team: 'blue',
      'davit.dev/installation': 'conformance',
      'davit.dev/run': workload.runId,
      'davit.dev/project': workload.project,
      'davit.dev/attempt': '1',
      'davit.dev/workload': workload.name,
      'davit.dev/replica': '0',
      'app.kubernetes.io/managed-by': 'davit',
    })
    expect(JSON.stringify(Config.Labels)).not.toMatch(/hidden-value|visible-value/)
    expect(HostConfig).toMatchObject({ Privileged: false, SecurityOpt: ['no-new-privileges'], Init: true, PidsLimit: 4096, LogConfig: { Type: 'local' } })
    expect(HostConfig.Binds ?? []).toEqual([])
    expect(State.Running).toBe(true)
  })

  test('a volume that was made for a run is writable by whichever user it runs as', async () => {
    const volumes = [volumeOf({ type: 'persistent_volume_claim', name: 'data', mountPath: '/data' })]
    expect((await on.run(on.script('echo kept > /data/f && cat /data/f', { volumes, runAsUser: 1234 }))).text).toBe('kept\n')
  })

  /** A container as `apply` leaves it when its server dies before the start. Gives its id. */
  const created = async (workload: Workload): Promise<string> => {
    await on.started(workload)
    await on.ended(workload)
    const { Config, HostConfig } = await fixture.docker.getContainer(`${workload.name}-0`).inspect()
    await on.engine.remove(refOf(workload), { volumes: true })
    return (await fixture.docker.createContainer({ ...Config, HostConfig, name: `${workload.name}-0` })).id
  }
  const startsAgain = (id: string): Promise<boolean> =>
    fixture.docker
      .getContainer(id)
      .start()
      .then(
        () => true,
        () => false,
      )

  test('a container that was created and never started is started by the next apply; a start by its dead maker that comes late starts nothing', async () => {
    const workload = on.script('echo once')
    const id = await created(workload)
    expect(await on.observe(workload)).toMatchObject({ phase: 'waiting', containers: [{ state: 'waiting', startedAt: undefined }] })
    await on.started(workload)
    expect((await on.ended(workload)).containers[0]?.exitCode).toBe(0)
    expect(await startsAgain(id)).toBe(false)
    expect((await on.log(workload)).toString()).toBe('once\n')
  })

  test('a start by its dead maker that is under way is waited for, and is the only one', async () => {
    const workload = on.script('echo once')
    for (let times = 0; times < 5; times++) {
      const id = await created(workload)
      const late = startsAgain(id)
      await on.started(workload)
      await late
      await on.ended(workload)
      expect((await on.log(workload)).toString()).toBe('once\n')
      await on.engine.remove(refOf(workload), { volumes: true })
    }
  })

  test('one that is started between the look at it and its removal stays, and counts as started', async () => {
    const workload = on.script('sleep 60')
    await on.started(workload)
    const { uid } = await on.running(workload)
    const own = containers(client, 'conformance')
    let looks = 0
    const late = {
      ...own,
      inspect: async (id: string) => {
        const seen = await own.inspect(id)
        return seen && looks++ === 0 ? { ...seen, State: { ...seen.State, Status: 'created' } } : seen
      },
    }
    expect(await withdraw(uid, { client, containers: late })).toBe(false)
    expect(await on.running(workload)).toMatchObject({ uid, containers: [{ state: 'running' }] })
  })

  test('memory that was too little is known from the events where the container does not say so, and a kill is not taken for it', async () => {
    const resources = { mem: { limit: 16 * 2 ** 20 } }
    const looked = async (workload: Workload): Promise<ContainerInspect> => {
      await on.started(workload)
      await on.ended(workload)
      const { State, ...rest } = ContainerInspect.parse(await fixture.docker.getContainer(`${workload.name}-0`).inspect())
      return { ...rest, State: { ...State, OOMKilled: false } }
    }
    const greedy = await looked(on.script('dd if=/dev/zero of=/dev/null bs=128M count=1; code=$?; sleep 1; exit $code', { resources }))
    expect((await withLateOom(greedy, client)).State).toMatchObject({ ExitCode: 137, OOMKilled: true })
    const later = new Date().toISOString()
    const secondLife = { ...greedy, RestartCount: 1, State: { ...greedy.State, StartedAt: later, FinishedAt: later } }
    expect((await withLateOom(secondLife, client)).State, 'the life before').toMatchObject({ OOMKilled: false })
    const killed = await looked(on.script('exit 137', { resources }))
    expect((await withLateOom(killed, client)).State).toMatchObject({ ExitCode: 137, OOMKilled: false })
    const inAnHour = { ...killed, State: { ...killed.State, FinishedAt: new Date(Date.now() + 3_600_000).toISOString() } }
    expect((await withLateOom(inAnHour, client)).State).toMatchObject({ OOMKilled: false })
  })

  test('a name that somebody else has taken is refused, and theirs stays', async () => {
    const workload = on.script('true')
    const theirs = await fixture.docker.createContainer({ name: `${workload.name}-0`, Image: on.images.shell, Cmd: ['true'] })
    try {
      expect(await on.apply(workload)).toMatchObject({ refused: { code: 'config-refused' } })
      const own = containers(client, 'conformance')
      expect([await own.isForeign(workload, `${workload.name}-0`), await own.isForeign(workload, 'nobodys-yet')]).toEqual([true, false])
      expect((await theirs.inspect()).State.Status).toBe('created')
    } finally {
      await theirs.remove({ force: true })
    }
  })

  test('a replica that somebody removed comes back with the next apply', async () => {
    const workload = on.script('sleep 600', { action: 'deploy', replicas: 2 })
    await on.started(workload)
    const before = await on.running(workload)
    await fixture.docker.getContainer(`${workload.name}-1`).remove({ force: true })
    expect(await on.observe(workload)).toMatchObject({ phase: 'waiting', containers: [{ replica: 0 }] })
    await on.started(workload)
    expect(await on.running(workload)).toMatchObject({
      uid: before.uid,
      containers: [{ replica: 0, startedAt: before.containers[0]?.startedAt }, { replica: 1 }],
    })
  })

  test('twelve workloads of a new project at once share one network, which tidy removes when a minute has passed without them', async () => {
    const project = `${on.project}-crowd`
    let now = Date.now()
    const [first, second] = [0, 1].map(() => dockerEngine({ endpoint: { socketPath: fixture.socketPath }, installation: 'conformance', now: () => now }))
    const workloads = Array.from({ length: 12 }, () => on.script('true', { project }))
    const name = networkName('conformance', project)
    const named = async (): Promise<number> => (await fixture.docker.listNetworks({ filters: { name: [name] } })).length
    try {
      await Promise.all(
        workloads.map((workload, index) =>
          eventually(
            async () => (index % 2 ? first : second)?.apply(workload, {}, new AbortController().signal).catch(() => undefined),
            (applied) => applied !== undefined && 'done' in applied && applied.done,
          ),
        ),
      )
      expect(await named()).toBe(1)
      now += 120_000
      await first?.tidy()
      expect(await named(), 'containers still use it').toBe(1)
      await on.clean()
      now = Date.now()
      await first?.tidy()
      expect(await named(), 'an apply may be about to use it').toBe(1)
      now += 120_000
      await first?.tidy()
      expect(await named()).toBe(0)
    } finally {
      await first?.close()
      await second?.close()
    }
  })

  test('a chosen port that is taken meanwhile leaves no container, and another one does', async () => {
    const [chosen, other] = await freePorts()
    // The adapter cannot look (the host is not this machine's for all it knows), so it learns from the engine that the port is taken.
    const values = [chosen, chosen, other].map((port) => (port - 30_000 + 0.5) / 2_768)
    const flavor = { kind: 'docker', version: '', cores: 1, rootDir: '' } as const
    const picky = starter({
      containers: containers(client, 'conformance'),
      flavor: async () => flavor,
      client,
      installation: 'conformance',
      choice: { publishHost: '127.0.0.1', nodePortHost: '127.0.0.1', local: false, random: () => values.shift() ?? 0 },
    })
    const workloads = [0, 1].map(() => on.script('httpd -f -p 80 -h /www', { ports: [httpd()], action: 'serve' }))
    const image = await findImage(client, on.images.shell)
    if (!image) throw new Error('the test image is not loaded')
    await on.run(on.script('true')) // makes the project's network
    const bringUp = (workload: Workload | undefined): Promise<Started> => {
      if (!workload) throw new Error('two workloads were made')
      return picky.bringUp({ workload, secrets: {}, replica: 0, image, flavor, signal: new AbortController().signal, fresh: [] })
    }
    expect(await bringUp(workloads[0])).toHaveProperty('id')
    expect(await bringUp(workloads[1])).toMatchObject({ again: { code: 'node-port-taken' } })
    expect(await bringUp(workloads[1])).toHaveProperty('id')
    expect(await Promise.all(workloads.map(async (workload) => (await on.ready(workload)).ports[0]?.hostPort))).toEqual([chosen, other])
  })

  test('a daemon that is stopped in its tracks makes calls fail in time, and is fine again afterwards', async () => {
    const workload = on.script('sleep 60')
    await on.started(workload)
    const pid = fixture.daemonPid()
    process.kill(pid, 'SIGSTOP')
    try {
      const health = on.engine.health()
      await expect(on.observe(workload)).rejects.toThrow(/did not answer within 15 s/)
      expect(await health).toMatchObject({ healthy: false })
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    expect(await on.observe(workload)).toMatchObject({ phase: 'running' })
  })

  test('an image is fetched in the background from a registry, with progress and a hint; Always fetches again; the failure of one tells all who wait', async () => {
    const end = new AbortController()
    const heard = new Set<string>()
    const hints = (async () => {
      for await (const id of on.engine.hints(end.signal)) heard.add(id)
    })()
    const [one, two] = [on.script('true', { image: 'localhost:1/davit/none:1' }), on.script('true', { image: 'localhost:1/davit/none:1' })]
    expect(await on.engine.apply(one, {}, end.signal)).toMatchObject({
      done: false,
      phase: 'pulling',
      detail: expect.stringContaining('localhost:1/davit/none:1'),
    })
    await on.engine.apply(two, {}, end.signal)
    await eventually(
      async () => heard,
      (ids) => ids.has(one.runId) && ids.has(two.runId),
    )
    for (const workload of [one, two])
      expect(await on.engine.apply(workload, {}, end.signal)).toMatchObject({ refused: { code: 'image-registry-unreachable' } })
    expect(await on.engine.apply(one, {}, end.signal), 'and is then tried again').toMatchObject({ done: false })
    await eventually(
      () => on.engine.apply(one, {}, end.signal),
      (applied) => 'refused' in applied,
    )
    end.abort()
    await hints
  })

  test('a log that is followed while its daemon is killed and comes back misses and repeats nothing', async () => {
    // Killed in a pause: what dockerd had read and not yet written would be nowhere.
    const workload = on.script('i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); sleep 0.01; [ $i -ne 100 ] || sleep 0.5; done')
    await on.started(workload)
    const following = on.log(workload, { follow: true })
    await eventually(
      () => on.log(workload),
      (log) => log.includes('line 99\n'),
    )
    await fixture.restart?.()
    const lines = (await following).toString().trim().split('\n')
    expect(lines).toEqual(Array.from({ length: 400 }, (_, index) => `line ${index}`))
  })

  test('an engine that is down when the adapter is made is used as soon as it is there', async () => {
    const engine = dockerEngine({ endpoint: { socketPath: `${fixture.socketPath}.late` }, installation: 'conformance' })
    await expect(engine.list()).rejects.toThrow('ENOENT')
    expect(await engine.health()).toMatchObject({ healthy: false, version: undefined })
    const link = spawn('ln', ['-s', fixture.socketPath, `${fixture.socketPath}.late`])
    await new Promise((resolve) => link.once('exit', resolve))
    expect(await engine.list()).toEqual([])
    expect(await engine.health()).toMatchObject({ healthy: true, version: expect.stringMatching(/^\d+\./), detail: expect.stringContaining('dockerd') })
    await engine.close()
  })
})

/** Two ports of the range that the adapter chooses from, free a moment ago. */
async function freePorts(): Promise<readonly [number, number]> {
  const held = new Map<number, Server>()
  while (held.size < 2) {
    const port = 30_000 + Math.floor(Math.random() * 2_768)
    const server = createServer()
    if (await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))))
      held.set(port, server)
  }
  for (const server of held.values()) await new Promise((resolve) => server.close(resolve))
  const [one = 0, two = 0] = held.keys()
  return [one, two]
}
