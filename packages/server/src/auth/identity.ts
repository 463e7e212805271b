import type { ProjectRole } from 'davit/contract'
import type { ProviderClaims } from '#store/schema.ts'

/** What a token may be used for, out of what its owner may do. Absent: everything. */
export interface Scope {
  readonly projects?: readonly string[] | undefined
  /** Patterns: `run.read`, `run.*`, `*.read`. */
  readonly verbs?: readonly string[] | undefined
}

/** How somebody proved who they are, and what that can be ended by. */
export type Proof =
  | { readonly kind: 'none' }
  | { readonly kind: 'password' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'session' | 'browser'; readonly session: string; readonly token?: string | undefined }
  | { readonly kind: 'provider' }

/** Who somebody is, and what they may. */
export interface Identity {
  readonly name: string
  /** Of the server: may everything in every project. */
  readonly admin: boolean
  readonly memberships: ReadonlyMap<string, ProjectRole>
  readonly scope?: Scope | undefined
  readonly proof: Proof
  /** What an identity provider said at the login; `admin` and `memberships` have it already. */
  readonly claims?: ProviderClaims | undefined
  /** When the proof is over; undefined: it stays. */
  readonly expires?: Date | undefined
}
