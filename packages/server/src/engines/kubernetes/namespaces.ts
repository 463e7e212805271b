import type { PodSecurity } from 'davit/contract'
import type { Workload } from '#domain/workload.ts'
import { namespaceManifests, type NamespaceExtras } from './manifests/namespace.ts'
import type { KubeObject } from './objects.ts'

export interface NamespaceDeps {
  readonly write: { apply(manifest: KubeObject, options: { readonly signal: AbortSignal }): Promise<unknown> }
  /** Undefined: one namespace holds all projects, and whoever runs the cluster made it. */
  readonly perProject: NamespaceExtras | undefined
  readonly namespaceOf: (project: string) => string
}

/** The stricter of both. */
const levelOf = (...levels: readonly (PodSecurity | undefined)[]): PodSecurity | undefined =>
  levels.includes('restricted') ? 'restricted' : levels.find((level) => level !== undefined)

/** Makes each project's namespace once, with what the operator wants in it; and again when its project wants another Pod Security level. */
export const namespaces = ({ write, perProject, namespaceOf }: NamespaceDeps) => {
  const made = new Map<string, PodSecurity | undefined>()
  return {
    async prepare({ project, projectSecurity }: Pick<Workload, 'project' | 'projectSecurity'>, signal: AbortSignal): Promise<void> {
      const podSecurity = levelOf(perProject?.podSecurity, projectSecurity)
      if (!perProject || (made.has(project) && made.get(project) === podSecurity)) return
      for (const manifest of namespaceManifests(project, { ...perProject, podSecurity, namespace: namespaceOf(project) }))
        await write.apply(manifest, { signal })
      made.set(project, podSecurity)
    },
    /** Somebody deleted it. */
    forget: (project: string): void => void made.delete(project),
  }
}
