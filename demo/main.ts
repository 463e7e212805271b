import { mkdirSync, rmSync } from 'node:fs'
import { Davit } from 'davit'
import { build } from '../tools/build.ts'
import { type DavitServer, startServer } from '../tools/davit-server.ts'
import { EXIT_CODE_OF, type EndReason, lifeline } from '../tools/lifeline.ts'
import { readArguments, type Wanted } from './arguments.ts'
import { docker } from './docker.ts'
import { afterwards, tableOfRuns, whileItRuns } from './ending.ts'
import { givenKubernetes, ownKubernetes } from './kubernetes.ts'
import { narrator } from './narrator.ts'
import { tellStory } from './story.ts'
import type { Making, World } from './world.ts'

type Demo = Wanted & Making

const write = (text: string): void => void process.stdout.write(text)

/** What the server's log line tells a reader, without time and level; undefined for what the story says itself, and for records of machines. */
const progressIn = (line: string): string | undefined => {
  const text = line.replace(/^\S+Z \w+ +/, '')
  return /^(\{|ready |Server listening|ending )/.test(text) ? undefined : text
}

const makeWorld = (demo: Demo): World | Promise<World> => {
  if (demo.engine === 'kubernetes') return demo.kubeconfig === undefined ? ownKubernetes(demo) : givenKubernetes(demo.kubeconfig, demo.image)
  return docker(demo, demo.engine === 'docker' ? ['--engine', 'docker'] : [])
}

const buildAll = async ({ told, signal }: Demo): Promise<void> => {
  told.say('building')
  const problem = await told.during('building', build(signal))
  signal.throwIfAborted()
  if (problem) throw new Error(`the build fails:\n${problem}`)
}

const start = async ({ data, told, signal, cleanups }: Demo, flags: readonly string[]): Promise<{ server: DavitServer; said: readonly string[] }> => {
  told.say('starting the server, its PostgreSQL and what it runs containers on')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  cleanups.push(() => rmSync(data, { recursive: true, force: true }))
  const said: string[] = []
  const onLine = (line: string): void => {
    said.push(line)
    const progress = progressIn(line)
    if (progress) told.say(`   ${progress}`)
  }
  const server = await told.during('starting', startServer({ data, flags: ['--ephemeral', ...flags], onLine, signal }))
  cleanups.push(() => server.stop())
  told.say(`the server answers at ${server.endpoint}`)
  return { server, said }
}

const play = async (demo: Demo): Promise<void> => {
  const { told, signal } = demo
  await buildAll(demo)
  const world = await makeWorld(demo)
  const { server, said } = await start(demo, world.flags)
  const client = new Davit({ endpoint: server.endpoint })
  const images = await world.bringImages({ client, said })
  const project = await tellStory(client, images, { narrator: told, signal, nodePort: world.nodePort })
  told.chapter('All runs')
  write(`\n${tableOfRuns(await project.listRuns({}, { signal }))}\n`)
  if (!demo.stay) return
  write(whileItRuns(server.endpoint, images.tools, world.toTry))
  const asked = new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
  const crashed = server.ended.then(() => Promise.reject(new Error('the server ended by itself')))
  await Promise.race([asked, crashed])
}

const cleanUp = async ({ told, cleanups, engine }: Demo): Promise<unknown[]> => {
  const failures: unknown[] = []
  if (cleanups.length > 0) told.say(`cleaning up: containers, ${engine === 'kubernetes' ? 'cluster' : 'engine'}, database, files`)
  for (const cleanup of cleanups.toReversed()) {
    try {
      await told.during('cleaning up', Promise.resolve(cleanup()))
    } catch (error) {
      failures.push(error)
    }
  }
  return failures
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** 0 when the story went well and everything is gone again; 1 with the cause; 128 + n when a signal cut the story short. */
const main = async (wanted: Wanted): Promise<number> => {
  const { signal, close } = lifeline()
  const demo: Demo = { ...wanted, told: narrator(write), signal, cleanups: [] }
  const cause = await play(demo).then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  if (cause && !signal.aborted) write(`\nThe demo failed: ${textOf(cause.error)}\n\n`)
  const failures = await cleanUp(demo)
  for (const failure of failures) write(`could not clean up: ${textOf(failure)}\n`)
  close()
  // A Ctrl-C after the story is how it is meant to end.
  if (cause && signal.aborted) return EXIT_CODE_OF[signal.reason as EndReason]
  if (cause || failures.length > 0) return 1
  write(afterwards(demo.engine))
  return 0
}

const readOrTell = (): Wanted | undefined => {
  try {
    return readArguments(process.argv.slice(2), { env: process.env, terminal: process.stdout.isTTY === true })
  } catch (error) {
    process.stderr.write(`${textOf(error)}\n`)
    return undefined
  }
}

const wanted = readOrTell()
process.exitCode = wanted ? await main(wanted) : 2
