import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { root } from '../command.ts'

export const ENGINES = ['memory', 'docker', 'kubernetes'] as const
export type EngineName = (typeof ENGINES)[number]

const Behaviour = z.object({ group: z.string(), title: z.string(), passed: z.boolean() })
const Behaviours = z.array(Behaviour)
/** One case of the engine suite, as one engine did it. */
export type Behaviour = z.infer<typeof Behaviour>
export type Results = Readonly<Partial<Record<EngineName, readonly Behaviour[]>>>

/** The parts of vitest's JSON report that we read. */
const Report = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() })) })),
})

/** What the suite found, by engine, from vitest's report; of other tests nothing. */
export const resultsIn = (report: unknown): Results => {
  const parsed = Report.safeParse(report)
  const tests = parsed.success ? parsed.data.testResults.flatMap(({ assertionResults }) => assertionResults) : []
  const of = (engine: EngineName): Behaviour[] =>
    tests
      .filter(({ ancestorTitles }) => ancestorTitles[0] === `engine ${engine}`)
      .map(({ ancestorTitles, title, status }) => ({ group: ancestorTitles.slice(1).join(', '), title, passed: status === 'passed' }))
  return Object.fromEntries(ENGINES.map((engine) => [engine, of(engine)] as const).filter(([, found]) => found.length > 0))
}

const folder = join(root, 'node_modules', '.cache', 'davit-conformance')
const fileOf = (engine: EngineName): string => join(folder, `${engine}.json`)

/** Keeps what a report says of engines, for the page. Gives the engines that it was about. */
export const keepResults = (report: unknown): readonly EngineName[] => {
  const results = resultsIn(report)
  mkdirSync(folder, { recursive: true })
  for (const engine of ENGINES) if (results[engine]) writeFileSync(fileOf(engine), JSON.stringify(results[engine]))
  return ENGINES.filter((engine) => results[engine])
}

/** What was kept last of each engine; one whose suite never ran here is missing. */
export const keptResults = (): Results =>
  Object.fromEntries(
    ENGINES.flatMap((engine) => {
      try {
        return [[engine, Behaviours.parse(JSON.parse(readFileSync(fileOf(engine), 'utf8')))]]
      } catch {
        return []
      }
    }),
  )
