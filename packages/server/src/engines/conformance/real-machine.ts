import { describe, expect, test } from 'vitest'
import type { WorkloadPort } from '#domain/workload.ts'
import { volumeOf } from './commands.ts'
import { eventually, refOf, type Subject } from './subject.ts'

const port = (wanted: Partial<WorkloadPort>): WorkloadPort => ({ name: 'http', port: 80, targetPort: 80, nodePort: undefined, protocol: 'TCP', ...wanted })
const MIB = 2 ** 20
/** busybox' own little web server; says which replica it is. */
const server = (at: number): string => `mkdir -p /tmp/w; hostname > /tmp/w/index.html; exec httpd -f -p ${at} -h /tmp/w`

/** Limits, ports, names and volumes: what a pretended engine has none of. */
export const realMachineCases = (on: () => Subject): void => {
  describe('limits', () => {
    test('more memory than allowed ends as out of memory', async () => {
      // It ends after what ate the memory did: an engine may hear of an end before it hears of the memory, and then never say so.
      const workload = on().script('dd if=/dev/zero of=/dev/null bs=128M count=1; code=$?; sleep 1; exit $code', { resources: { mem: { limit: 16 * MIB } } })
      expect((await on().run(workload)).container).toMatchObject({ exitCode: 137, oomKilled: true })
    })
    test('a fraction of a core is visible inside', async () => {
      const look = 'cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us'
      expect((await on().run(on().script(look, { resources: { cpu: { limit: 0.5 } } }))).text).toMatch(/^50000\b/)
    })
    test('more cores than there are do no harm, or are said to be too many', async () => {
      const workload = on().script('true', { resources: { cpu: { limit: 4096 } } })
      await on().started(workload)
      const seen = await eventually(
        () => on().observe(workload),
        (one) => one.phase === 'ended' || (one.phase === 'waiting' && one.trouble !== undefined),
      )
      expect(seen).toMatchObject(seen.phase === 'ended' ? { containers: [{ exitCode: 0 }] } : { trouble: { code: 'unschedulable-cpu' } })
    })
    test('a user and group are taken', async () => {
      expect((await on().run(on().script('id -u; id -g', { runAsUser: 1234, runAsGroup: 4321 }))).text).toBe('1234\n4321\n')
    })
    test('a container of root has what images need, and no more', async () => {
      const needed =
        'touch /tmp/f && chown 33:33 /tmp/f && chmod 4755 /tmp/f && su nobody -s /bin/sh -c "id -u" && (httpd -p 80 -h /tmp) && wget -qO- http://127.0.0.1/ >/dev/null; echo served'
      expect((await on().run(on().script(needed))).text).toContain('65534\n')
      expect((await on().run(on().script('mknod /tmp/n c 1 3'))).container.exitCode).not.toBe(0)
      expect((await on().run(on().script('grep NoNewPrivs /proc/self/status'))).text).toMatch(/NoNewPrivs:\s+1/)
    })
  })
  describe('a service', () => {
    test('answers on its published port, keeps it through a restart, and says whether anybody listens', async () => {
      const workload = on().script(`sleep 4; ${server(8501)}`, { action: 'serve', serviceType: 'NodePort', ports: [port({ port: 8085, targetPort: 8501 })] })
      await on().started(workload)
      const early = await on().running(workload)
      expect(early.ports).toMatchObject([{ name: 'http', port: 8085, targetPort: 8501, protocol: 'TCP', listening: false }])
      expect(early.containers[0]?.ready).toBe(false)
      const seen = await on().ready(workload)
      const [published] = seen.ports
      const name = await on().containerName(workload)
      expect(await fetchText(published)).toBe(`${name}\n`)
      await on().crash(name)
      await eventually(
        () => on().ready(workload),
        ({ containers }) => containers[0]?.restarts === 1,
      )
      expect((await on().ready(workload)).ports[0]?.hostPort).toBe(published?.hostPort)
      expect(await fetchText(published)).toBe(`${name}\n`)
    })
    test('of two replicas answers from both', async () => {
      const workload = on().script(server(80), { action: 'serve', serviceType: 'NodePort', replicas: 2, ports: [port({})] })
      await on().started(workload)
      const { ports, containers } = await on().ready(workload)
      const heard = new Set<string>()
      await eventually(
        async () => {
          for (const published of ports) heard.add((await fetchText(published)).trim())
          return [...heard].sort()
        },
        ({ length }) => length === 2,
      )
      expect([...heard].sort()).toEqual(containers.map(({ name }) => name).sort())
    })
    test('is reached by its name from the same project only', async () => {
      const name = `svc-${on().project}`
      const workload = on().script(server(8501), { action: 'serve', ports: [port({ port: 8501, targetPort: 8501 })], serviceNames: [name, 'short'] })
      await on().started(workload)
      await on().ready(workload)
      const call = `wget -qO- http://${name}:8501/ && wget -qO- http://short:8501/`
      // A cluster's nodes hear of a pod that is ready a moment after we do.
      const patient = `for n in 1 2 3 4 5 6; do if both=$(${call}); then echo "$both"; exit 0; fi; sleep 0.5; done 2>/dev/null; exit 1`
      expect(await on().run(on().script(patient))).toMatchObject({ text: `${await on().containerName(workload)}\n`.repeat(2), container: { exitCode: 0 } })
      expect((await on().run(on().script(call, { project: `${on().project}-b` }))).container.exitCode).not.toBe(0)
    })
    test('whose fixed port is taken is refused, and the first one stays', async () => {
      const first = on().script(server(80), { action: 'serve', serviceType: 'NodePort', ports: [port({})] })
      await on().started(first)
      const [{ hostPort } = { hostPort: 0 }] = (await on().ready(first)).ports
      const second = on().script(server(80), { action: 'serve', serviceType: 'NodePort', ports: [port({ nodePort: hostPort })] })
      expect((await on().refused(second)).code).toBe('node-port-taken')
      expect(await on().leftovers(second)).toEqual([])
      expect(await on().ready(first)).toMatchObject({ phase: 'running' })
    })
  })
  describe('volumes', () => {
    test('empty_dir is writable by anyone, on disk and in memory, and each replica has its own', async () => {
      const volumes = [
        volumeOf({ type: 'empty_dir', name: 'scratch', mountPath: '/scratch' }),
        volumeOf({ type: 'empty_dir', name: 'ram', mountPath: '/ram', medium: 'Memory', sizeBytes: 8 * MIB }),
      ]
      const { text, container } = await on().run(
        on().script('ls /scratch; echo a > /scratch/f && echo b > /ram/f && cat /scratch/f /ram/f; grep -c "tmpfs /ram" /proc/mounts', {
          volumes,
          runAsUser: 1234,
        }),
      )
      expect({ text, code: container.exitCode }).toEqual({ text: 'a\nb\n1\n', code: 0 })
    })
    test('a persistent_volume_claim outlives attempts, and goes with its run', async () => {
      const volumes = [volumeOf({ type: 'persistent_volume_claim', name: 'data', mountPath: '/data' })]
      const first = on().script('echo kept > /data/f', { volumes })
      await on().run(first)
      await on().engine.remove(refOf(first), { volumes: false })
      const second = on().script('cat /data/f', { volumes, runId: first.runId, attempt: 2 })
      expect((await on().run(second)).text).toBe('kept\n')
      await on().engine.remove(refOf(second), { volumes: true })
      expect(await on().leftovers(second)).toEqual([])
    })
    test('a shared_volume is the same for all runs of a project, and stays', async () => {
      const volumes = [volumeOf({ type: 'shared_volume', name: 'common', mountPath: '/common', claimName: 'models' })]
      await on().share?.(on().project, 'models')
      const first = on().script('echo mine >> /common/f', { volumes })
      await on().run(first)
      await on().engine.remove(refOf(first), { volumes: true })
      expect((await on().run(on().script('cat /common/f', { volumes }))).text).toBe('mine\n')
      const elsewhere = on().script('cat /common/f', { volumes, project: `${on().project}-b` })
      const applied = await on().apply(elsewhere)
      const seen = await eventually(
        () => on().observe(elsewhere),
        (one) => 'refused' in applied || (one.phase !== 'absent' && (one.phase === 'ended' || one.trouble !== undefined)),
      )
      expect(seen.phase !== 'absent' && seen.containers.some(({ exitCode }) => exitCode === 0), 'nothing of it is seen elsewhere').toBe(false)
    })
    test('removal leaves nothing of an attempt behind', async () => {
      const volumes = [volumeOf({ type: 'empty_dir', name: 'a', mountPath: '/a' }), volumeOf({ type: 'ephemeral', name: 'b', mountPath: '/b' })]
      const workload = on().script('sleep 60', { volumes, action: 'deploy', replicas: 2 })
      await on().started(workload)
      await on().running(workload)
      await on().engine.remove(refOf(workload), { volumes: false })
      expect(await on().leftovers(workload)).toEqual([])
    })
    test('an image as a volume says why it cannot be, where it cannot', async () => {
      const volumes = [volumeOf({ type: 'image', name: 'img', mountPath: '/img' })]
      expect(['config-refused', 'start-failed', 'image-not-found', 'image-registry-unreachable']).toContain(
        (await on().refused(on().script('true', { volumes }))).code,
      )
    })
  })
}

const fetchText = async (published: { host: string; hostPort: number } | undefined): Promise<string> =>
  eventually(
    () =>
      fetch(`http://${published?.host}:${published?.hostPort}/`).then(
        (answer) => answer.text(),
        () => '',
      ),
    (text) => text !== '',
    5_000,
  )
