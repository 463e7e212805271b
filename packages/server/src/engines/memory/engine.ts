import { posix } from 'node:path'
import { type Applied, type Engine, NO_CAPABILITIES, type Refusal, type WorkloadRef } from '#domain/engine.ts'
import { removedUnread } from '#domain/log-lost.ts'
import type { Observation, PublishedPort } from '#domain/observation.ts'
import { refOf, type Secrets, type Workload } from '#domain/workload.ts'
import { parseImageName } from '../image-name.ts'
import { mailbox } from '../mailbox.ts'
import { MemoryContainer } from './container.ts'
import { imageDefaults, imageRefusal, isSlow } from './images.ts'
import { holds } from './process.ts'
import { type MemoryState, type MemoryWorkload, memoryState } from './state.ts'

/** Called before each call is answered: throw, or never return, to make the engine fail or hang. */
export interface Faults {
  before(method: Exclude<keyof Engine, 'name' | 'can'>, ref: WorkloadRef | undefined): void | Promise<void>
}

export interface MemoryEngineOptions {
  /** Give the same state to a second engine to play a restart of the server. */
  readonly state?: MemoryState
  readonly faults?: Faults
}

const ABOUT = { name: 'memory', can: NO_CAPABILITIES, replaces: false, lookMs: 30_000, check: () => [] } as const satisfies Partial<Engine>

/** An engine that only pretends: no process, no network, but the port's every promise. For tests, benches and trying the API out. */
export function memoryEngine({ state = memoryState(), faults }: MemoryEngineOptions = {}): Engine {
  const closed = new AbortController()
  const before: Faults['before'] = (method, ref) => faults?.before(method, ref)
  return {
    ...ABOUT,
    async apply(workload, secrets, signal) {
      await before('apply', refOf(workload))
      signal.throwIfAborted()
      return applyTo(state, workload, secrets)
    },
    async observe(ref) {
      await before('observe', ref)
      return observe(state.workloads.get(ref.name))
    },
    async stop(ref, graceSeconds) {
      await before('stop', ref)
      for (const container of state.workloads.get(ref.name)?.containers ?? []) container.stop(graceSeconds * 1000)
    },
    async remove(ref) {
      await before('remove', ref)
      const found = state.workloads.get(ref.name)
      state.workloads.delete(ref.name)
      for (const container of found?.containers ?? []) container.discard()
      if (found) state.hints.send(ref.runId)
    },
    async *logs(ref, name, { follow, signal }) {
      await before('logs', ref)
      const container = state.workloads.get(ref.name)?.containers.find((one) => one.name === name)
      if (container) yield* container.log(follow, signal)
      else if (!follow) throw removedUnread(name)
    },
    async list() {
      await before('list', undefined)
      return [...state.workloads.values()].map(({ ref }) => ref)
    },
    async tidy() {
      await before('tidy', undefined)
    },
    async *hints(signal) {
      await before('hints', undefined)
      const box = mailbox<string>()
      const quiet = state.hints.listen(box.put)
      for (const { ref } of state.workloads.values()) box.put(ref.runId)
      try {
        yield* box.take(AbortSignal.any([signal, closed.signal]))
      } finally {
        quiet()
      }
    },
    async health() {
      await before('health', undefined)
      return { healthy: true, version: 'memory', detail: 'pretended containers in this process' }
    },
    async close() {
      await before('close', undefined)
      closed.abort()
    },
  }
}

function applyTo(state: MemoryState, workload: Workload, secrets: Secrets): Applied {
  const existing = state.workloads.get(workload.name)
  if (existing) return { done: true, uid: existing.uid }
  const refused = refusalOf(state, workload, secrets)
  if (refused) return { refused }
  if (isSlow(workload.image) && state.pulled.get(workload.image) !== true) return pull(state, workload)
  const made = make(state, workload, secrets)
  state.workloads.set(workload.name, made)
  for (const container of made.containers) {
    state.starts.set(container.name, (state.starts.get(container.name) ?? 0) + 1)
    container.start()
  }
  return { done: true, uid: made.uid }
}

const argvOf = ({ image, command, args }: Workload): readonly string[] => {
  const { entrypoint, cmd } = imageDefaults(image)
  return command?.length ? [...command, ...(args ?? [])] : [...entrypoint, ...(args?.length ? args : cmd)]
}

function refusalOf(state: MemoryState, workload: Workload, secrets: Secrets): Refusal | undefined {
  const { image, secretNames, ports } = workload
  const name = parseImageName(image)
  if (typeof name === 'string') return { code: 'image-bad-name', evidence: [name] }
  const secret = secretNames.find((one) => secrets[one] === undefined)
  if (secret !== undefined) return { code: 'secret-missing', evidence: [`the project has no secret "${secret}"`] }
  const [program = ''] = argvOf(workload)
  const absent = imageRefusal(image)
  if (absent) return absent
  if (program.startsWith('/etc')) return { code: 'command-not-executable', evidence: [`exec: "${program}": permission denied`] }
  if (!holds(program)) return { code: 'command-not-found', evidence: [`exec: "${program}": executable file not found in $PATH`] }
  const inUse = new Set([...state.workloads.values()].flatMap(({ hostPorts }) => hostPorts.flat()))
  const taken = ports.find(({ nodePort }) => nodePort !== undefined && inUse.has(nodePort))
  return taken && { code: 'node-port-taken', evidence: [`port ${taken.nodePort} is already allocated`] }
}

function pull(state: MemoryState, { image, runId }: Workload): Applied {
  if (!state.pulled.has(image)) {
    state.pulled.set(image, false)
    setTimeout(() => {
      state.pulled.set(image, true)
      state.hints.send(runId)
    }, state.pullMs).unref()
  }
  return { done: false, phase: 'pulling', detail: `fetching ${image}` }
}

function make(state: MemoryState, workload: Workload, secrets: Secrets): MemoryWorkload {
  const { name, runId, action, env, secretNames, volumes, ports, replicas } = workload
  const variables = Object.fromEntries(
    [...env, ...secretNames.map((secret) => ({ name: secret, value: secrets[secret] ?? '' }))].map((one) => [one.name, one.value]),
  )
  const filesOf = volumes.flatMap(({ type, mountPath, items, secretName }) =>
    type === 'secret'
      ? [[posix.join(mountPath, secretName ?? ''), secrets[secretName ?? ''] ?? '']]
      : Object.entries(items).map(([file, text]) => [posix.join(mountPath, file), text]),
  )
  const containers = Array.from(
    { length: replicas },
    (_, replica) =>
      new MemoryContainer({
        hostname: `${name}-${replica}`,
        replica,
        argv: argvOf(workload),
        env: variables,
        files: Object.fromEntries(filesOf),
        restartAfterMs: action === 'job' ? undefined : state.restartAfterMs,
        changed: () => state.hints.send(runId),
      }),
  )
  const hostPorts = containers.map((_, replica) => ports.map(({ nodePort }) => (replica === 0 ? nodePort : undefined) ?? state.nextPort()))
  return { ref: refOf(workload), uid: state.nextUid(), workload, containers, hostPorts }
}

function observe(found: MemoryWorkload | undefined): Observation {
  if (!found) return { phase: 'absent' }
  const { uid, workload, hostPorts } = found
  const targets = workload.ports.map(({ targetPort }) => targetPort)
  const containers = found.containers.map((container) => container.observe(targets))
  const live = containers.filter(({ state }) => state !== 'ended')
  const ports = found.containers.flatMap((container, replica) =>
    containers[replica]?.state === 'ended'
      ? []
      : workload.ports.map(({ name, port, targetPort, protocol }, index): PublishedPort => {
          const listening = containers[replica]?.state === 'running' ? container.listensOn(targetPort) : undefined
          const hostPort = hostPorts[replica]?.[index] ?? 0
          return { name, port, targetPort, protocol, host: '127.0.0.1', hostPort, nodePort: hostPort, listening }
        }),
  )
  return { phase: live.length > 0 ? 'running' : 'ended', uid, containers, ports, clusterIP: undefined }
}
