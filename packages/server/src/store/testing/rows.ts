import type { NewFunction } from '../functions.ts'
import type { NewRun, RunRow } from '../runs.ts'
import type { Store } from '../store.ts'
import type { NewTask } from '../tasks.ts'

let ids = 0
export const newId = (): string => `id${++ids}`

export const newFunction = (said: Partial<NewFunction> = {}): NewFunction => ({
  id: newId(),
  kind: 'container',
  name: 'hello',
  project: 'p',
  user: 'ann',
  metadata: {},
  spec: { image: 'app:1' },
  extraStatus: {},
  ...said,
})

export const newTask = (said: Partial<NewTask> = {}): NewTask => ({
  id: newId(),
  kind: 'container+job',
  name: 't',
  project: 'p',
  user: 'ann',
  metadata: {},
  spec: { function: 'container://p/hello:1' },
  ...said,
})

export const newRun = (said: Partial<NewRun> = {}): NewRun => {
  const id = said.id ?? newId()
  return {
    id,
    kind: 'container+job:run',
    name: id,
    project: 'p',
    user: 'ann',
    action: 'job',
    functionRef: 'container://p/hello:1',
    taskRef: 'container+job://p/t1',
    metadata: {},
    spec: { task: 'container+job://p/t1' },
    extensions: [],
    extraStatus: {},
    states: ['CREATED', 'BUILT', 'READY'],
    status: { phase: 'queued' },
    settled: false,
    ...said,
  }
}

/** A run that was recorded, as it is then. */
export async function givenRun(store: Store, said: Partial<NewRun> = {}): Promise<RunRow> {
  const row = await store.transact((inside) => inside.runs.insert(newRun(said)))
  if (!row) throw new Error('the run exists already')
  return row
}

/** The row now; throws if there is none. */
export async function rowOf(store: Store, id: string): Promise<RunRow> {
  const row = await store.runs.findById(id)
  if (!row) throw new Error(`run ${id} is gone`)
  return row
}
