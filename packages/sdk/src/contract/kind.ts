import { isKeyOf, keysOf } from './table.ts'

/** What can be done with a function of kind `container`, and what Davit makes of it. `build` is known by name only: creating one is refused. */
export const ACTIONS = {
  job: { longRunning: false, service: false, summary: 'runs once to its end' },
  deploy: { longRunning: true, service: false, summary: 'runs for ever, restarted when it ends' },
  serve: { longRunning: true, service: true, summary: 'runs for ever and answers on ports' },
} as const satisfies Record<string, { longRunning: boolean; service: boolean; summary: string }>
export type Action = keyof typeof ACTIONS
export const ACTION_NAMES: readonly Action[] = keysOf(ACTIONS)

export const FUNCTION_KIND = 'container'
export const TASK_KINDS = ACTION_NAMES.map((action) => `container+${action}` as const)
export type TaskKind = `container+${Action}`
export type RunKind = `${TaskKind}:run`

const isAction = (text: string): text is Action => isKeyOf(ACTIONS, text)

/** `container+job` → `job`; undefined for every other kind. */
export const actionOfTaskKind = (kind: string): Action | undefined => {
  const action = kind.startsWith('container+') ? kind.slice('container+'.length) : ''
  return isAction(action) ? action : undefined
}

/** `container+job:run` → `job`; undefined for every other kind, the `container+run` of SDK ≤ 0.13 included: there the task decides. */
export const actionOfRunKind = (kind: string): Action | undefined => (kind.endsWith(':run') ? actionOfTaskKind(kind.slice(0, -':run'.length)) : undefined)

export const taskKindOf = (action: Action): TaskKind => `container+${action}`
export const runKindOf = (action: Action): RunKind => `container+${action}:run`

/** The one kind of run of SDK ≤ 0.13, for every action: its task tells which. Kept as it came, since that line parses no other. */
export const LEGACY_RUN_KIND = 'container+run'
