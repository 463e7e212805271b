import type { Store } from '#store/store.ts'
import { backOff } from './back-off.ts'
import { identify } from './identify.ts'
import { logins } from './logins.ts'
import { provider, type ProviderSettings } from './provider.ts'
import { signing } from './signing.ts'
import type { Sealer } from './signing-keys.ts'

export interface AuthSettings {
  /** Which ways of proving who one is are open. */
  readonly ways: { readonly basic: boolean; readonly bearer: boolean }
  readonly provider: ProviderSettings | undefined
  /** Under which URL clients reach this server; undefined: under which they ask. */
  readonly publicUrl: string | undefined
  /** Requests in a minute: with one token or login, and from one address. */
  readonly ratePerMinute: { readonly caller: number; readonly address: number }
}

export interface AuthInputs {
  readonly settings: AuthSettings
  readonly store: Store
  readonly sealer: Sealer
  readonly now: () => Date
}

/** All that proves who calls. */
export const createAuth = ({ settings, store, sealer, now }: AuthInputs) => {
  const signer = signing({ keys: store.signingKeys, sealer, now })
  const identityProvider = settings.provider && provider(settings.provider)
  const identifier = identify({ store, signing: signer, provider: identityProvider, backOff: backOff(store.loginFailures), ways: settings.ways, now })
  /** What the verbs of the API need of it. */
  const forServices = { rotateSigning: signer.rotate, accessChanged: identifier.forget, provePassword: identifier.provePassword }
  return {
    settings,
    store,
    now,
    forServices,
    signing: signer,
    provider: identityProvider,
    identify: identifier,
    logins: logins({ store, signing: signer, now, accessChanged: identifier.forget }),
  }
}
export type Auth = ReturnType<typeof createAuth>
