import type { Metadata } from '#contract/metadata.ts'

/** What says what an entity is for, with the names of the Python SDK. */
export interface Description {
  readonly description?: string | undefined
  /** Words to find it by. */
  readonly labels?: readonly string[] | undefined
  /** Whether its project shows all of it, not just its name. */
  readonly embedded?: boolean | undefined
}

/** A description as metadata; only what is given. */
export const metadataOf = ({ description, labels, embedded }: Description): Metadata => ({
  ...(description !== undefined && { description }),
  ...(labels !== undefined && { labels: [...labels] }),
  ...(embedded !== undefined && { embedded }),
})
