import { DavitError } from 'davit/contract'
import * as z from 'zod'
import type { Io } from '#runner/io.ts'

/** How somebody can log in to a server, from what it says of itself. */
export interface Discovered {
  /** Nobody has to log in. */
  readonly open: boolean
  readonly withPassword: boolean
  readonly clientId: string
  readonly authorizeUrl: string
  readonly tokenUrl: string
}

const Configuration = z.looseObject({ dhcore_authentication_methods: z.array(z.string()).default([]), dhcore_client_id: z.string().default('davit') })
const Oauth = z.looseObject({ authorization_endpoint: z.string(), token_endpoint: z.string() })

export const fetchOf = (io: Io): NonNullable<Io['fetch']> => io.fetch ?? ((url, init) => globalThis.fetch(url, init))

const read = async <S extends z.ZodType>(schema: S, { url, io, signal }: { url: string; io: Io; signal: AbortSignal }): Promise<z.output<S>> => {
  try {
    const response = await fetchOf(io)(url, { signal })
    return schema.parse(await response.json())
  } catch (cause) {
    throw new DavitError('unreachable', `${url} does not say how to log in`, { hint: 'is it a Davit server, and is it running?', cause })
  }
}

export const discover = async (endpoint: string, io: Io, signal: AbortSignal): Promise<Discovered> => {
  const own = await read(Configuration, { url: `${endpoint}/.well-known/configuration`, io, signal })
  const oauth = await read(Oauth, { url: `${endpoint}/.well-known/openid-configuration`, io, signal })
  const { dhcore_authentication_methods: methods, dhcore_client_id: clientId } = own
  return {
    open: methods.length === 0,
    withPassword: methods.includes('basic'),
    clientId,
    authorizeUrl: oauth.authorization_endpoint,
    tokenUrl: oauth.token_endpoint,
  }
}
