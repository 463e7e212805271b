import { isOneOf } from './table.ts'

/** DigitalHub's run states, and no others: the official SDK cannot parse an unknown one. */
export const RUN_STATES = ['CREATED', 'BUILT', 'READY', 'PENDING', 'RUNNING', 'STOP', 'STOPPED', 'COMPLETED', 'ERROR', 'DELETING', 'DELETED'] as const
export type RunState = (typeof RUN_STATES)[number]

/** The lifecycle as data: server refuses, console disables, CLI explains, all from here. Unlike the reference, whatever is active can be stopped, and what was stopped can go on. */
export const RUN_NEXT = {
  CREATED: ['BUILT', 'ERROR', 'STOP', 'DELETING'],
  BUILT: ['READY', 'ERROR', 'STOP', 'DELETING'],
  READY: ['PENDING', 'RUNNING', 'COMPLETED', 'ERROR', 'STOP', 'DELETING'],
  PENDING: ['RUNNING', 'COMPLETED', 'ERROR', 'STOP', 'DELETING'],
  RUNNING: ['COMPLETED', 'ERROR', 'STOP', 'DELETING'],
  STOP: ['STOPPED', 'ERROR', 'DELETING'],
  STOPPED: ['READY', 'DELETING'],
  COMPLETED: ['DELETING'],
  ERROR: ['DELETING'],
  DELETING: ['DELETED'],
  DELETED: [],
} as const satisfies Record<RunState, readonly RunState[]>

/** What a user may ask of a run, in which states, and the state it leads to. Asking again while it happens is allowed and changes nothing. */
export const RUN_ACTIONS = {
  stop: { to: 'STOP', from: ['CREATED', 'BUILT', 'READY', 'PENDING', 'RUNNING', 'STOP'] },
  resume: { to: 'READY', from: ['READY', 'STOPPED'] },
  delete: { to: 'DELETING', from: ['CREATED', 'BUILT', 'READY', 'PENDING', 'RUNNING', 'STOP', 'STOPPED', 'COMPLETED', 'ERROR', 'DELETING'] },
} as const satisfies Record<string, { to: RunState; from: readonly RunState[] }>
export type RunAction = keyof typeof RUN_ACTIONS

export const FINAL_STATES = ['STOPPED', 'COMPLETED', 'ERROR', 'DELETED'] as const satisfies readonly RunState[]
export const isFinal = (state: RunState): boolean => isOneOf(FINAL_STATES, state)
export const canMove = (from: RunState, to: RunState): boolean => isOneOf<RunState>(RUN_NEXT[from], to)
export const canAct = (action: RunAction, state: RunState): boolean => isOneOf<RunState>(RUN_ACTIONS[action].from, state)

/** What is finer than a state: where a run is on its way. Shown beside the state, never instead of it. */
export const RUN_PHASES = {
  queued: 'accepted, waiting for its turn',
  scheduling: 'looking for a place to run',
  pulling: 'fetching the image',
  starting: 'the containers are being started',
  running: 'running, everything as wanted',
  degraded: 'running, but not all of it as wanted: see the verdict',
  retrying: 'the last attempt failed, another follows',
  stopping: 'asked to end, within its grace period',
  collecting: 'ended; logs and exit data are being stored',
  deleting: 'everything it made is being removed',
  finished: 'ended; nothing more will happen',
} as const satisfies Record<string, string>
export type RunPhase = keyof typeof RUN_PHASES
