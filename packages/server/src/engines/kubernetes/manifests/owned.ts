import type { OwnerReference } from '../objects.ts'
import type { DependentManifest, MainManifest, PodManifest } from './manifest.ts'

type Owner = Pick<OwnerReference, 'apiVersion' | 'kind' | 'name' | 'uid'>

/**
 * The same object, to go when its owner goes. It never blocks the owner's deletion: to ask for that needs rights on the owner's
 * finalizers, which the least role does not have.
 */
export const ownedBy = <T extends DependentManifest>(manifest: T, { apiVersion, kind, name, uid }: Owner): T => ({
  ...manifest,
  metadata: { ...manifest.metadata, ownerReferences: [{ apiVersion, kind, name, uid, controller: false, blockOwnerDeletion: false }] },
})

/** The main object without pods: it can own its dependents before any container needs them. */
export const held = (main: MainManifest): MainManifest =>
  main.kind === 'Job' ? { ...main, spec: { ...main.spec, suspend: true } } : { ...main, spec: { ...main.spec, replicas: 0 } }

/** A bare pod of the main object's template: for a dry run, in which admission and quota speak before anything is written. Never to be made. */
export const podOf = ({ metadata: { name, namespace }, spec: { template } }: MainManifest): PodManifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, ...template.metadata },
  spec: template.spec,
})
