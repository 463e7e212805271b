import { actionOfRunKind, actionOfTaskKind, parseTaskRef, type Run, type RunState } from 'davit/contract'
import { functionNameOf } from '#run/run-ref.ts'
import { shortIds } from '#run/short-id.ts'
import { containerExitCode } from '#runner/exit-code.ts'
import type { Colors } from '#runner/colors.ts'
import type { View } from '#runner/table.ts'
import { ageOf } from './age.ts'

/** `job`, `deploy` or `serve`; for the one run kind of old clients the task says it. */
export const actionOf = (run: Pick<Run, 'kind' | 'spec'>): string =>
  actionOfRunKind(run.kind) ?? actionOfTaskKind(parseTaskRef(run.spec.task)?.kind ?? '') ?? run.kind

/** Where the service answers, as a browser takes it. */
export const urlsOf = ({ status }: Pick<Run, 'status'>): readonly string[] => {
  const { url, urls } = status.service ?? {}
  return [...new Set([...(url === undefined ? [] : [url]), ...(urls ?? [])])].map((text) => (/^[a-z]+:\/\//.test(text) ? text : `http://${text}`))
}

const STATE_COLORS = {
  CREATED: 'dim', BUILT: 'dim', READY: 'cyan', PENDING: 'cyan', RUNNING: 'green', STOP: 'yellow', STOPPED: 'yellow', COMPLETED: 'green', ERROR: 'red', DELETING: 'dim', DELETED: 'dim',
} as const satisfies Record<RunState, keyof Colors> // biome-ignore format: one lifecycle a line

export const paintState = (state: RunState, colors: Colors): string => colors[STATE_COLORS[state]](state)

const ownName = (run: Run): string => (run.name !== '' && run.name !== run.id ? run.name : (functionNameOf(run) ?? ''))
const restarts = ({ status }: Run): number => (status.containers ?? []).reduce((sum, container) => sum + container.restarts, 0)

/** Runs, as `ps` shows them. */
export const runView: View<Run> = {
  kind: 'Run',
  nameOf: ({ id }) => id,
  columns: [
    { header: 'RUN', cell: ({ id }, { all }) => shortIds(all.map((run) => run.id))(id) },
    { header: 'NAME', cell: ownName },
    { header: 'FUNCTION', wide: true, cell: (run) => functionNameOf(run) ?? '' },
    { header: 'ACTION', cell: actionOf },
    { header: 'STATE', cell: ({ status }, { colors }) => paintState(status.state, colors) },
    { header: 'PHASE/VERDICT', cell: ({ status }) => status.verdict?.code ?? status.phase ?? '' },
    { header: 'EXIT', wide: true, cell: (run) => String(containerExitCode(run) ?? '') },
    { header: 'RESTARTS', wide: true, cell: (run) => String(restarts(run)) },
    { header: 'AGE', cell: ({ metadata }, { now }) => ageOf(metadata.created, now) },
    { header: 'CREATED', wide: true, cell: ({ metadata }) => metadata.created ?? '' },
    { header: 'URL', cell: (run) => urlsOf(run)[0] ?? '' },
    { header: 'ID', wide: true, cell: ({ id }) => id },
  ],
}
