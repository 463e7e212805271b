import { type Action, type Run, type RunStatus, runKindOf } from 'davit/contract'

export interface Sample extends Partial<RunStatus> {
  readonly id?: string
  readonly name?: string
  readonly fn?: string
  readonly action?: Action
  readonly spec?: Readonly<Record<string, unknown>>
}

export const CREATED = '2026-01-01T00:00:00.000Z'

export const sampleRun = ({ id = '3fa85f6457174562b3fc2c963f66afa6', name = id, fn = 'hello', action = 'job', spec = {}, ...status }: Sample = {}): Run => ({
  id,
  kind: runKindOf(action),
  name,
  project: 'default',
  key: `store://default/run/${runKindOf(action)}/${id}:${id}`,
  user: 'admin',
  metadata: { created: CREATED },
  spec: { task: `container+${action}://default/t1`, function: `container://default/${fn}:f1`, ...spec },
  status: { state: 'RUNNING', ...status },
})
