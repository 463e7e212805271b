import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Davit,
  type FunctionHandle,
  getOrCreateProject,
  type NewFunction,
  type ProjectHandle,
  type Run,
  type RunHandle,
  type RunParameters,
  type RunState,
} from 'davit'
import type { Narrator } from './narrator.ts'
import type { DemoImages } from './world.ts'

/** What every chapter has. */
interface Stage {
  readonly project: ProjectHandle
  readonly image: string
  readonly narrator: Narrator
  readonly signal: AbortSignal
  /** The only node port that can be reached from here; undefined: whichever the engine picks. */
  readonly nodePort: number | undefined
}

type Action = 'job' | 'serve' | 'deploy'

/** A step that hangs is a failure with a name, not a demo that never ends. */
const STEP_MS = 180_000

const shell = (script: string): Pick<NewFunction, 'command' | 'args'> => ({ command: 'sh', args: ['-c', script] })

/** Says each new state of a run once, with what is finer than the state. */
const teller = (say: Narrator['say']) => {
  let last = ''
  return ({ status }: Run): void => {
    const line = `${status.state}${status.phase ? ` (${status.phase})` : ''}`
    if (line !== last) say(`   ${line}`)
    last = line
  }
}

const awaited = (stage: Stage, run: RunHandle, until: 'final' | 'ready'): Promise<RunHandle> =>
  stage.narrator.during(`waiting for run ${run.name}`, run.wait({ until, timeoutMs: STEP_MS, signal: stage.signal, onChange: teller(stage.narrator.say) }))

const submit = async (stage: Stage, fn: FunctionHandle, { action, parameters }: { action: Action; parameters: RunParameters }): Promise<RunHandle> => {
  const run = await fn.run(action, parameters, { signal: stage.signal })
  stage.narrator.say(`${fn.name}.run('${action}') → run ${run.name}`)
  return run
}

const whyOf = ({ verdict }: RunHandle): string => (verdict ? `${verdict.title}: ${verdict.evidence.join(' ')} → ${verdict.hint}` : 'no verdict')

const expectState = (run: RunHandle, wanted: RunState): void => {
  if (run.state !== wanted) throw new Error(`run ${run.name} should be ${wanted}, and is ${run.state} (${whyOf(run)})`)
}

const exitCodeOf = ({ status }: RunHandle): string => String(status.containers?.find(({ exit_code }) => exit_code !== undefined)?.exit_code ?? 'unknown')

const showLogs = async ({ narrator, signal }: Stage, run: RunHandle): Promise<void> => {
  for (const { text } of await run.logs({ signal })) narrator.quote(text)
}

const showVerdict = ({ narrator }: Stage, { verdict }: RunHandle): void => {
  if (!verdict) throw new Error('a run that failed has no verdict')
  narrator.quote([`${verdict.title} (${verdict.code})`, ...verdict.evidence, `→ ${verdict.hint}`].join('\n'))
}

const job = async (stage: Stage): Promise<void> => {
  stage.narrator.chapter('A job: one container, its logs, its exit code')
  const fn = await stage.project.newFunction(
    { name: 'function-container', kind: 'container', image: stage.image, ...shell('echo "Hello from a container on $(hostname)"; echo "2 + 2 = $((2 + 2))"') },
    { signal: stage.signal },
  )
  const run = await awaited(stage, await submit(stage, fn, { action: 'job', parameters: {} }), 'final')
  expectState(run, 'COMPLETED')
  await showLogs(stage, run)
  stage.narrator.say(`finished: ${run.state}, exit code ${exitCodeOf(run)}`)
}

const PAGE = '<h1>Served by a container</h1>'
const httpd = (page: string) => shell(`mkdir -p /tmp/www && echo '${page}' > /tmp/www/index.html && exec httpd -f -p 8501 -h /tmp/www`)

/** What the service answers here; undefined where its nodes are out of reach, or another machine has their addresses. */
const askFromHere = async ({ narrator, signal }: Stage, run: RunHandle): Promise<string | undefined> => {
  const address = `http://${run.status.service?.url ?? ''}/`
  try {
    const response = await run.invoke('/', { signal })
    const body = await response.text()
    narrator.say(`GET ${address} → ${response.status}`)
    return body.includes(PAGE) ? body : undefined
  } catch (error) {
    signal.throwIfAborted()
    narrator.say(`GET ${address}: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** A port is open on the nodes a moment after its service is ready: who opened one for the demo asks a few times. */
const askedPatiently = async (stage: Stage, run: RunHandle): Promise<string | undefined> => {
  for (let tries = stage.nodePort === undefined ? 1 : 20; ; tries--) {
    const body = await askFromHere(stage, run)
    if (body !== undefined || tries <= 1) return body
    await sleep(500, undefined, { signal: stage.signal })
  }
}

/** What the service answers to a container beside it; undefined where it has no address for that. */
const askFromInside = async (stage: Stage, { status }: RunHandle): Promise<string | undefined> => {
  const address = status.service?.clusterIP
  if (address === undefined) return undefined
  stage.narrator.say('not reached from here: asking from inside the cluster')
  const wget = shell(`wget -qO- http://${address}:8085/`)
  const fn = await stage.project.newFunction({ name: 'function-asker', kind: 'container', image: stage.image, ...wget }, { signal: stage.signal })
  const run = await awaited(stage, await submit(stage, fn, { action: 'job', parameters: {} }), 'final')
  return (await run.logs({ signal: stage.signal })).map(({ text }) => text).join('')
}

const serve = async (stage: Stage): Promise<void> => {
  stage.narrator.chapter('A service: a container that answers HTTP')
  const { signal, nodePort } = stage
  const fn = await stage.project.newFunction({ name: 'function-page', kind: 'container', image: stage.image, ...httpd(PAGE) }, { signal })
  const ports = [{ port: 8085, target_port: 8501, ...(nodePort !== undefined && { node_port: nodePort }) }]
  const parameters = { service_ports: ports, service_type: 'NodePort' } as const
  const run = await awaited(stage, await submit(stage, fn, { action: 'serve', parameters }), 'ready')
  expectState(run, 'RUNNING')
  // A port that was opened for the demo must lead to the service.
  const body = (await askedPatiently(stage, run)) ?? (nodePort === undefined ? await askFromInside(stage, run) : undefined)
  if (!body?.includes(PAGE)) throw new Error('the service did not answer with its page')
  stage.narrator.quote(body)
}

const runningOf = ({ status }: RunHandle) => (status.containers ?? []).filter(({ state }) => state === 'running')

/** A deployment is ready with its first replica: the others may come a moment later. */
const untilAllRun = async ({ signal }: Stage, run: RunHandle, replicas: number): Promise<void> => {
  const until = performance.now() + STEP_MS
  while (runningOf(run).length < replicas && performance.now() < until) {
    await sleep(200, undefined, { signal })
    await run.refresh({ signal })
  }
  if (runningOf(run).length !== replicas) throw new Error(`${replicas} replicas should run, and ${runningOf(run).length} do`)
}

const deploy = async (stage: Stage): Promise<void> => {
  stage.narrator.chapter('A deployment: two replicas that keep running until they are stopped')
  const { signal } = stage
  const fn = await stage.project.newFunction(
    { name: 'function-worker', kind: 'container', image: stage.image, ...shell('trap "exit 0" TERM; while true; do sleep 1 & wait; done') },
    { signal },
  )
  const run = await awaited(stage, await submit(stage, fn, { action: 'deploy', parameters: { replicas: 2 } }), 'ready')
  expectState(run, 'RUNNING')
  await stage.narrator.during('waiting for both replicas', untilAllRun(stage, run, 2))
  const names = runningOf(run).map(({ name }) => name)
  stage.narrator.say(`running: ${names.join(', ')}`)
  await run.stop({ signal })
  expectState(await awaited(stage, run, 'final'), 'STOPPED')
}

const failing = async (stage: Stage): Promise<void> => {
  stage.narrator.chapter('A job that fails on purpose: its exit code and last lines say why')
  const script = shell('echo "reading input.csv"; echo "input.csv: no such file" >&2; exit 3')
  const fn = await stage.project.newFunction({ name: 'function-failing', kind: 'container', image: stage.image, ...script }, { signal: stage.signal })
  const run = await awaited(stage, await submit(stage, fn, { action: 'job', parameters: {} }), 'final')
  expectState(run, 'ERROR')
  stage.narrator.say(`finished: ${run.state}, exit code ${exitCodeOf(run)}`)
  showVerdict(stage, run)
}

const missing = async (stage: Stage): Promise<void> => {
  stage.narrator.chapter('An image that does not exist: which, and what to do')
  const fn = await stage.project.newFunction(
    { name: 'function-missing', kind: 'container', image: 'localhost/davit/no-such-image:1', image_pull_policy: 'Never' },
    { signal: stage.signal },
  )
  const run = await awaited(stage, await submit(stage, fn, { action: 'job', parameters: {} }), 'final')
  expectState(run, 'ERROR')
  showVerdict(stage, run)
}

const helloWorld = async (stage: Stage, image: string | undefined): Promise<void> => {
  stage.narrator.chapter('hello-world, from its registry')
  if (image === undefined) return stage.narrator.say('left out: no image registry can be reached')
  const fn = await stage.project.newFunction({ name: 'function-container', kind: 'container', image }, { signal: stage.signal })
  const run = await awaited(stage, await submit(stage, fn, { action: 'job', parameters: {} }), 'final')
  expectState(run, 'COMPLETED')
  await showLogs(stage, run)
}

/** The story of the mission, through the SDK. Throws with the cause at the first thing that is not as it should be. */
export const tellStory = async (
  client: Davit,
  images: DemoImages,
  { narrator, signal, nodePort }: Pick<Stage, 'narrator' | 'signal' | 'nodePort'>,
): Promise<ProjectHandle> => {
  const project = await getOrCreateProject('project-container', { client, signal })
  narrator.say(`project ${project.name}`)
  const stage: Stage = { project, image: images.tools, narrator, signal, nodePort }
  for (const chapter of [job, serve, deploy, failing, missing]) await chapter(stage)
  await helloWorld(stage, await narrator.during('asking the registry', images.hello))
  return project
}
