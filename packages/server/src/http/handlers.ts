import type { Body, Endpoint, Params, Query, Returns } from 'davit/contract'
import type { Caller } from '#service/access.ts'

export interface Call<E extends Endpoint> {
  readonly params: Params<E>
  readonly query: Query<E>
  readonly body: Body<E>
  readonly caller: Caller
  /** Fires when the client has gone. */
  readonly signal: AbortSignal
}

type Answer<E extends Endpoint> = E extends { readonly stream: true } ? AsyncIterable<Returns<E>> : Returns<E>

/** What a server implements for a group of endpoints: a change in the contract breaks the build here. */
export type Handlers<G extends Record<string, Endpoint>> = { readonly [Name in keyof G]: (call: Call<G[Name]>) => Promise<Answer<G[Name]>> }
