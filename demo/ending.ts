import type { RunHandle } from 'davit'

const actionOf = ({ kind }: RunHandle): string => /\+(\w+):/.exec(kind)?.[1] ?? kind
const functionOf = ({ spec }: RunHandle): string => /([^/]+):[^:]*$/.exec(spec.function ?? '')?.[1] ?? ''

const secondsOf = ({ status }: RunHandle): string => {
  // The newest transition comes first.
  const [last, first] = [status.transitions?.at(0)?.time, status.transitions?.at(-1)?.time]
  return first && last ? `${((Date.parse(last) - Date.parse(first)) / 1000).toFixed(1)} s` : ''
}

const resultOf = ({ status, verdict }: RunHandle): string => {
  if (status.service?.url && status.state === 'RUNNING') return `http://${status.service.url}/`
  if (verdict) return verdict.title
  const code = status.containers?.find(({ exit_code }) => exit_code !== undefined)?.exit_code
  return code === undefined ? '' : `exit code ${code}`
}

/** Rows of text as a table, columns as wide as their longest cell. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What ran, the first first. */
export const tableOfRuns = (runs: readonly RunHandle[]): string =>
  table([
    ['FUNCTION', 'ACTION', 'STATE', 'TIME', 'RESULT'],
    ...runs.toReversed().map((run) => [functionOf(run), actionOf(run), run.state, secondsOf(run), resultOf(run)]),
  ])

/** What to try while the demo's server is up. */
export const whileItRuns = (endpoint: string, image: string, more: readonly string[]): string => `
The server answers at ${endpoint}  (API: ${endpoint}/docs)

Try, in another terminal of this folder:
  export DAVIT_ENDPOINT=${endpoint}
  npx davit ps --project project-container
  npx davit run ${image} -- sh -c 'echo hi; exit 3'
  npx davit doctor
${more.map((line) => `  ${line}\n`).join('')}
Ctrl-C ends the demo and removes everything that it made.
`

/** What to try after it. */
export const afterwards = (engine: string): string => `
Next:
  ${engine === 'kubernetes' ? 'npx davit server --engine kubernetes --kubeconfig FILE           # on a cluster of yours' : 'npx davit server --listen 127.0.0.1:8080 --data ./davit-data     # a server that stays'}
  npx davit run hello-world:latest                                 # one container, logs and exit code
  npx davit serve IMAGE --port 8085:8501                           # a service
`
