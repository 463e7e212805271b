import type { Engine } from '#domain/engine.ts'
import type { RunPolicy } from '#domain/policy.ts'
import type { Store } from '#store/store.ts'
import type { Changes } from './changes.ts'
import type { KeyRing } from './key-ring.ts'
import type { SecretBox } from './secret-box.ts'

/** What the verbs work with. */
export interface ServiceDeps {
  readonly store: Store
  readonly engine: Engine
  readonly policy: RunPolicy
  readonly newId: () => string
  /** Asks the reconciler to look at a run now. */
  readonly wake: (runId: string, lane?: 'first') => void
  readonly changes: Changes
  readonly secretBox: SecretBox
  readonly keyRing: KeyRing
  /** Who may do what has changed: this server forgets what it remembers of that before it answers; others are told by the database. */
  readonly accessChanged: () => void
  /** Throws `unauthenticated` for a wrong password, `rate_limited` for who guesses. */
  readonly provePassword: (login: { readonly user: string; readonly password: string; readonly address: string }) => Promise<void>
  /** Makes a new key that signs tokens; gives its id. */
  readonly rotateSigning: () => Promise<string>
}
