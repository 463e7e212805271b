import type { BodyInput, Endpoint, Params, Returns } from '#contract/endpoint.ts'
import type { DavitError } from '#contract/error.ts'
import type { Known } from './known.ts'
import type { CallOptions } from './options.ts'
import type { Sent, Transport } from './transport.ts'
import { fillPath, type QueryValue, queryText } from './url.ts'

export type Query = Readonly<Record<string, QueryValue>>

export interface Request<E extends Endpoint> {
  readonly params: Params<E>
  readonly query?: Query | undefined
  readonly body?: Known<BodyInput<E>> | undefined
  readonly options?: CallOptions | undefined
  readonly recover?: Sent<Returns<E>>['recover']
}

/** What the classes of the API have in common: making one call of the endpoint table. */
export abstract class Resource {
  protected readonly transport: Transport

  constructor(transport: Transport) {
    this.transport = transport
  }

  protected async call<E extends Endpoint>(endpoint: E, request: Request<E>): Promise<Returns<E>> {
    return this.transport.send(sentOf(endpoint, request))
  }

  protected stream<E extends Endpoint>(endpoint: E, request: Request<E>): AsyncGenerator<Returns<E>, void> {
    return this.transport.stream(sentOf(endpoint, request))
  }
}

const sentOf = <E extends Endpoint>(endpoint: E, { params, query, body, options, recover }: Request<E>): Sent<Returns<E>> => ({
  method: endpoint.method,
  path: fillPath(endpoint.path, params) + queryText(query),
  body,
  signal: options?.signal,
  returns: endpoint.returns as Sent<Returns<E>>['returns'], // the table pairs them; a generic index loses it
  recover,
})

/** A later try of a create found the entity there: ours, from a try whose answer was lost, if it can be read under the id that we made. */
export const createdBefore =
  <T>(read: () => Promise<T>) =>
  async (error: DavitError): Promise<{ readonly value: T } | undefined> =>
    error.code === 'duplicate'
      ? read().then(
          (value) => ({ value }),
          () => undefined,
        )
      : undefined

/** A later try of a delete found nothing: an earlier one did the work. */
export const deletedBefore = async (error: DavitError): Promise<{ readonly value: undefined } | undefined> =>
  error.code === 'not_found' ? { value: undefined } : undefined
