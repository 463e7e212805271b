import { Davit } from '#client/davit.ts'
import type { CallOptions, DavitOptions } from '#client/options.ts'

/** Which server a module form talks to: `client` if given, else one made of the other options. */
export interface HandleOptions extends DavitOptions, CallOptions {
  readonly client?: Davit | undefined
}

export const clientOf = (options: HandleOptions): Davit => options.client ?? new Davit(options)
