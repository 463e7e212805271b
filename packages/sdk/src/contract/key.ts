/** Keys and references as DigitalHub writes them. Made here only; what clients send as `key` is ignored. */
export const projectKey = (name: string): string => `store://${name}`
export const functionKey = (f: { project: string; kind: string; name: string; id: string }): string =>
  `store://${f.project}/function/${f.kind}/${f.name}:${f.id}`
export const taskKey = (t: { project: string; kind: string; id: string }): string => `store://${t.project}/task/${t.kind}/${t.id}`
export const runKey = (r: { project: string; kind: string; id: string }): string => `store://${r.project}/run/${r.kind}/${r.id}:${r.id}`
export const secretKey = (s: { project: string; name: string }): string => `store://${s.project}/secret/secret/${s.name}`
export const logKey = (l: { project: string; id: string }): string => `store://${l.project}/log/log/${l.id}`

export interface FunctionRef {
  readonly kind: string
  readonly project: string
  readonly name: string
  readonly id: string | undefined
}
/** `container://demo/hello:<id>`; the id may be missing where any version is meant. Undefined: not of that form. */
export const parseFunctionRef = (text: string): FunctionRef | undefined => {
  const [, kind, project, name, id] = text.match(/^([^:/]+):\/\/([^/]+)\/([^:]+)(?::(.+))?$/) ?? []
  return kind && project && name ? { kind, project, name, id } : undefined
}
export const functionRef = (f: { project: string; kind: string; name: string; id: string }): string => `${f.kind}://${f.project}/${f.name}:${f.id}`

export interface TaskRef {
  readonly kind: string
  readonly project: string
  readonly id: string
}
/** `container+job://demo/<task id>`. Undefined: not of that form. */
export const parseTaskRef = (text: string): TaskRef | undefined => {
  const [, kind, project, id] = text.match(/^([^:/]+):\/\/([^/]+)\/([^:/]+)$/) ?? []
  return kind && project && id ? { kind, project, id } : undefined
}
export const taskRef = (t: { project: string; kind: string; id: string }): string => `${t.kind}://${t.project}/${t.id}`
