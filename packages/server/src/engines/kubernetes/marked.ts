import { trimmed } from './cache/shape.ts'
import type { MainManifest, ServiceManifest } from './manifests/manifest.ts'
import type { Manifests } from './manifests/manifests-for.ts'
import { appliedAnnotation } from './observe/applied.ts'

const annotated = <T extends MainManifest | ServiceManifest>(manifest: T, annotations: Readonly<Record<string, string>>): T => ({
  ...manifest,
  metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...annotations } },
})

const namesIn = (objects: readonly { readonly metadata: { readonly name: string } }[]): readonly string[] => objects.map(({ metadata }) => metadata.name)

/** Says on what people like to change what it was made as, and on a Deployment what belongs to it: an edit or a deletion by hand can be told from that. */
export function marked({ main, dependents, claims }: Manifests): Manifests {
  const services = dependents.filter(({ kind }) => kind === 'Service')
  const belongings = { services: namesIn(services), claims: namesIn(claims) }
  return {
    main: main.kind === 'Job' ? main : annotated(main, appliedAnnotation(trimmed('deployments', main), belongings)),
    dependents: dependents.map((one) => (one.kind === 'Service' ? annotated(one, appliedAnnotation(trimmed('services', one))) : one)),
    claims,
  }
}
