import type * as z from 'zod'
import type { Endpoint } from './endpoint.ts'

/** One answer besides 200: what it means, and what it holds, if anything. */
export interface OtherAnswer {
  readonly about: string
  /** Its content type, where it is no JSON. */
  readonly type?: string
  readonly returns?: z.ZodType
  /** Names a place to go to, in its header Location. */
  readonly leads?: true
}

/** An endpoint beside the API: for browsers, OAuth clients and probes. The server binds each by hand; OpenAPI describes them like all others. */
export interface OuterEndpoint extends Pick<Endpoint, 'method' | 'path' | 'summary' | 'body' | 'query'> {
  /** The body comes as a form, as browsers and OAuth clients send it. */
  readonly form?: true
  /** Who calls need not prove who they are. */
  readonly open?: true
  /** What 200 answers; absent: nothing answers 200 here. */
  readonly returns?: z.ZodType
  /** The content type of that, where it is no JSON. */
  readonly type?: string
  readonly others?: Readonly<Record<number, OtherAnswer>>
}
