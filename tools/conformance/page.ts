import { DIFFERENCES, type Difference } from './differences.ts'
import { type Behaviour, ENGINES, type EngineName, type Results } from './results.ts'

const HEAD = `# What engines do alike

Written by \`npm run conformance\` from what \`npm test\` found; do not edit. One suite (\`packages/server/src/engines/conformance*\`) asks the same of
every engine, each the real one: Docker's is a \`dockerd\`, Kubernetes' a whole cluster under the very role of \`deploy/rbac.yaml\`.

✓ does it · – is not asked of it · ✗ did not when this page was written`

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

const markOf = (behaviours: readonly Behaviour[], { group, title }: Behaviour): string => {
  const found = behaviours.find((one) => one.group === group && one.title === title)
  return found === undefined ? '–' : found.passed ? '✓' : '✗'
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** Groups and their behaviours in the order of the suite, each once. */
const grouped = (all: readonly Behaviour[]): ReadonlyMap<string, readonly Behaviour[]> => {
  const groups = Map.groupBy(all, ({ group }) => group)
  return new Map([...groups].map(([group, of]) => [group, [...new Map(of.map((one) => [one.title, one])).values()]]))
}

const table = (results: Results, behaviours: readonly Behaviour[]): string =>
  [
    row(['', ...ENGINES]),
    row(['---', ...ENGINES.map(() => ':-:')]),
    ...behaviours.map((one) => row([cell(one.title), ...ENGINES.map((engine) => markOf(results[engine] ?? [], one))])),
  ].join('\n')

const differences = (all: readonly Difference[]): string =>
  [row(['engine', 'what', 'why']), row(['---', '---', '---']), ...all.map(({ engines, what, why }) => row([engines.join(', '), cell(what), cell(why)]))].join(
    '\n',
  )

/** docs/conformance.md from what was found of every engine. */
export const conformancePage = (results: Readonly<Record<EngineName, readonly Behaviour[]>>): string => {
  // The real engines are asked everything: their order is the suite's.
  const groups = grouped([...results.kubernetes, ...results.docker, ...results.memory])
  const parts = [...groups].map(([group, behaviours]) => `## ${group[0]?.toUpperCase() ?? ''}${group.slice(1)}\n\n${table(results, behaviours)}`)
  return `${[HEAD, '## Deliberate differences', differences(DIFFERENCES), ...parts].join('\n\n')}\n`
}
