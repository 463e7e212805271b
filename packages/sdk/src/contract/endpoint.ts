import type * as z from 'zod'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type ParamNames<P extends string> = P extends `${string}:${infer N}/${infer Rest}` ? N | ParamNames<`/${Rest}`> : P extends `${string}:${infer N}` ? N : never

/** One call of the API: the server binds it, the SDK makes it, OpenAPI describes it. `stream` answers are NDJSON lines of `returns`. */
export interface Endpoint<
  P extends string = string,
  B extends z.ZodType | undefined = z.ZodType | undefined,
  Q extends z.ZodType | undefined = z.ZodType | undefined,
  R extends z.ZodType = z.ZodType,
> {
  readonly method: Method
  readonly path: P
  readonly summary: string
  readonly body?: B
  readonly query?: Q
  readonly returns: R
  readonly stream?: true
}

export const endpoint = <const P extends string, R extends z.ZodType, B extends z.ZodType | undefined = undefined, Q extends z.ZodType | undefined = undefined>(
  definition: Endpoint<P, B, Q, R>,
): Endpoint<P, B, Q, R> => definition

/** An endpoint whose answer is a stream of NDJSON lines, each a `returns`. */
export const streamEndpoint = <const P extends string, R extends z.ZodType, Q extends z.ZodType | undefined = undefined>(
  definition: Omit<Endpoint<P, undefined, Q, R>, 'stream' | 'body'>,
): Omit<Endpoint<P, undefined, Q, R>, 'stream'> & { readonly stream: true } => ({ ...definition, stream: true })

export type Params<E extends Endpoint> = Record<ParamNames<E['path']>, string>
type Schema<S> = S extends z.ZodType ? S : never
export type Body<E extends Endpoint> = [Schema<E['body']>] extends [never] ? undefined : z.output<Schema<E['body']>>
export type BodyInput<E extends Endpoint> = [Schema<E['body']>] extends [never] ? undefined : z.input<Schema<E['body']>>
export type Query<E extends Endpoint> = [Schema<E['query']>] extends [never] ? undefined : z.output<Schema<E['query']>>
export type QueryInput<E extends Endpoint> = [Schema<E['query']>] extends [never] ? undefined : z.input<Schema<E['query']>>
export type Returns<E extends Endpoint> = z.output<E['returns']>
