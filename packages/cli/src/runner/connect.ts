import type { Davit } from 'davit'
import type { Io } from './io.ts'
import type { Settings } from './settings.ts'

/** The client of the chosen server. The SDK is loaded here and nowhere earlier, so that what needs no server starts fast. */
export const connect = async ({ endpoint, token, login }: Pick<Settings, 'endpoint' | 'token' | 'login'>, io: Io): Promise<Davit> => {
  const { Davit } = await import('davit')
  // Empty text: no token. Otherwise the SDK would look at the environment again, past the flags.
  return new Davit({ endpoint, ...(login && token === undefined ? { login } : { token: token ?? '' }), ...(io.fetch && { fetch: io.fetch }) })
}
