import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Davit } from 'davit'
import { cacheFolder } from '../testbed/images/index.ts'
import { build } from '../tools/build.ts'
import { type DavitServer, startServer } from '../tools/davit-server.ts'
import { EXIT_CODE_OF, type EndReason, lifeline } from '../tools/lifeline.ts'
import { afterwards, tableOfRuns, whileItRuns } from './ending.ts'
import { engineApi, engineEndpoint } from './engine.ts'
import { bringImages } from './images.ts'
import { type Narrator, narrator } from './narrator.ts'
import { tellStory } from './story.ts'

interface Demo {
  readonly data: string
  /** Stay up after the story, until Ctrl-C. */
  readonly stay: boolean
  readonly told: Narrator
  readonly signal: AbortSignal
  /** Undone last first, whatever happens. */
  readonly cleanups: (() => Promise<void> | void)[]
}

const write = (text: string): void => void process.stdout.write(text)

/** What the server's log line tells a reader, without time and level; undefined for what the story says itself, and for records of machines. */
const progressIn = (line: string): string | undefined => {
  const text = line.replace(/^\S+Z \w+ +/, '')
  return /^(\{|ready |Server listening|ending )/.test(text) ? undefined : text
}

const start = async ({ data, told, signal, cleanups }: Demo): Promise<{ server: DavitServer; said: readonly string[] }> => {
  told.say('building')
  const problem = await told.during('building', build(signal))
  signal.throwIfAborted()
  if (problem) throw new Error(`the build fails:\n${problem}`)
  told.say('starting the server, its PostgreSQL and a container engine')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  cleanups.push(() => rmSync(data, { recursive: true, force: true }))
  const said: string[] = []
  const onLine = (line: string): void => {
    said.push(line)
    const progress = progressIn(line)
    if (progress) told.say(`   ${progress}`)
  }
  const server = await told.during('starting', startServer({ data, flags: ['--ephemeral'], onLine, signal }))
  cleanups.push(() => server.stop())
  told.say(`the server answers at ${server.endpoint}`)
  return { server, said }
}

const play = async (demo: Demo): Promise<void> => {
  const { told, signal, cleanups } = demo
  const { server, said } = await start(demo)
  const client = new Davit({ endpoint: server.endpoint })
  const engine = engineApi(await engineEndpoint(client, said, signal))
  const images = await bringImages(engine, told, signal)
  // Containers hold images: these go once the server has removed its containers. A private engine is gone by then, with all in it.
  cleanups.splice(cleanups.length - 1, 0, () => images.remove().catch(() => undefined))
  const project = await tellStory(client, images, { narrator: told, signal })
  told.chapter('All runs')
  write(`\n${tableOfRuns(await project.listRuns({}, { signal }))}\n`)
  if (!demo.stay) return
  write(whileItRuns(server.endpoint, images.tools))
  const asked = new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
  const crashed = server.ended.then(() => Promise.reject(new Error('the server ended by itself')))
  await Promise.race([asked, crashed])
}

const cleanUp = async ({ told, cleanups }: Demo): Promise<unknown[]> => {
  const failures: unknown[] = []
  if (cleanups.length > 0) told.say('cleaning up: containers, engine, database, files')
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
const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { data: { type: 'string' }, stay: { type: 'boolean' } } })
  const { signal, close } = lifeline()
  const data = resolve(values.data ?? join(cacheFolder(), 'demo'))
  const demo: Demo = { data, stay: values.stay ?? process.stdout.isTTY === true, told: narrator(write), signal, cleanups: [] }
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
  write(afterwards())
  return 0
}

process.exitCode = await main()
