import { namespaceManifests, type NamespaceExtras } from './manifests/namespace.ts'
import type { Writer } from './write.ts'

export interface NamespaceDeps {
  readonly write: Writer
  /** Undefined: one namespace holds all projects, and whoever runs the cluster made it. */
  readonly perProject: NamespaceExtras | undefined
  readonly namespaceOf: (project: string) => string
}

/** Makes each project's namespace once, with what the operator wants in it. */
export const namespaces = ({ write, perProject, namespaceOf }: NamespaceDeps) => {
  const made = new Set<string>()
  return {
    async prepare(project: string, signal: AbortSignal): Promise<void> {
      if (!perProject || made.has(project)) return
      for (const manifest of namespaceManifests(project, { ...perProject, namespace: namespaceOf(project) })) await write.apply(manifest, { signal })
      made.add(project)
    },
    /** Somebody deleted it. */
    forget: (project: string): void => void made.delete(project),
  }
}
export type Namespaces = ReturnType<typeof namespaces>
