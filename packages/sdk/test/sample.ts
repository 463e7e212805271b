import {
  type ServiceStatus,
  type ContainerFunction,
  functionKey,
  type LogChunk,
  type Project,
  type Run,
  type RunState,
  type RunStatus,
  runKey,
  type Task,
  taskKey,
  toBase64,
  toPage,
} from 'davit'

const METADATA = { created: '2026-01-01T00:00:00.000Z', updated: '2026-01-01T00:00:00.000Z' } as const

export const sampleProject = (name = 'demo'): Project => ({
  id: name,
  kind: 'project',
  name,
  project: name,
  key: `store://${name}`,
  user: 'admin',
  metadata: { ...METADATA, project: name, name },
  spec: { source: './', config: {}, functions: [] },
  status: { state: 'CREATED' },
})

export const sampleFunction = (id = 'f1', spec: ContainerFunction['spec'] = { image: 'hello-world:latest', source: {} }): ContainerFunction => ({
  id,
  kind: 'container',
  name: 'hello',
  project: 'demo',
  key: functionKey({ project: 'demo', kind: 'container', name: 'hello', id }),
  user: 'admin',
  metadata: METADATA,
  spec,
  status: { state: 'CREATED' },
})

export const sampleTask = (action = 'job', id = 't1'): Task => ({
  id,
  kind: `container+${action}`,
  name: id,
  project: 'demo',
  key: taskKey({ project: 'demo', kind: `container+${action}`, id }),
  user: 'admin',
  metadata: METADATA,
  spec: { function: 'container://demo/hello:f1' },
  status: { state: 'CREATED' },
})

export const sampleRun = (state: RunState, { id = 'r1', action = 'job', ...status }: Partial<RunStatus> & { id?: string; action?: string } = {}): Run => ({
  id,
  kind: `container+${action}:run`,
  name: id,
  project: 'demo',
  key: runKey({ project: 'demo', kind: `container+${action}:run`, id }),
  user: 'admin',
  metadata: METADATA,
  spec: { task: `container+${action}://demo/t1`, function: 'container://demo/hello:f1' },
  status: { state, ...status },
})

export const SERVICE: ServiceStatus = { name: 's-r1', type: 'NodePort', ports: [{ name: 'port8085', port: 8085, protocol: 'TCP', targetPort: 8501 }] }

export const pageOf = <T>(content: readonly T[], { page = 0, size = 25, totalElements = content.length } = {}) => toPage(content, { page, size, totalElements })

export const chunk = (
  text: string,
  offset: number,
  { container = 'main', attempt = 1, end }: { container?: string; attempt?: number; end?: boolean } = {},
): LogChunk => ({
  container,
  attempt,
  offset,
  data: toBase64(new TextEncoder().encode(text)),
  ...(end !== undefined && { end }),
})
