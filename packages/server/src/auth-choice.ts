import { readFile } from 'node:fs/promises'
import { DavitError } from 'davit/contract'
import type { AuthSettings } from '#auth/auth.ts'
import type { ProviderSettings } from '#auth/provider.ts'
import type { Config } from '#config/settings.ts'
import { isLoopback } from '#http/guard.ts'

/** Of one address that may be a whole office behind one router. */
const ADDRESS_FACTOR = 10

const words = (text: string | undefined): readonly string[] => (text ?? '').split(',').flatMap((word) => word.trim() || [])

async function providerOf(config: Config): Promise<ProviderSettings | undefined> {
  const { oidc_issuer: issuer, oidc_client_id: clientId, oidc_client_secret_file: file } = config
  if (issuer === undefined) return undefined
  const clientSecret = file === undefined ? undefined : (await readSecret(file)).trim()
  return {
    issuer,
    clientId,
    clientSecret,
    audience: config.oidc_audience ?? clientId,
    nameClaim: config.oidc_name_claim,
    rolesClaim: config.oidc_roles_claim,
    adminRole: config.oidc_admin_role,
  }
}

const readSecret = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new DavitError('invalid', `the file ${file} of oidc_client_secret_file cannot be read`, { path: '--oidc-client-secret-file', cause })
  })

const refuseOpenDoor = ({ listen, oidc_issuer: issuer }: Config): void => {
  if (!isLoopback(listen.host))
    throw new DavitError('invalid', `a server without authentication listens on loopback only, not on ${listen.host}`, {
      path: '--auth',
      hint: 'turn authentication on: --auth basic,bearer (the first start then shows a token for its administrator)',
    })
  if (issuer !== undefined) throw new DavitError('invalid', 'oidc_issuer needs authentication', { path: '--auth', hint: 'add --auth bearer' })
}

/**
 * What the settings say about authentication; undefined: nobody has to log in. Throws `invalid` where that would leave a door open:
 * a server without authentication listens on loopback alone.
 */
export async function chooseAuth(config: Config): Promise<AuthSettings | undefined> {
  const ways = words(config.auth)
  if (ways.includes('none')) {
    refuseOpenDoor(config)
    return undefined
  }
  return {
    ways: { basic: ways.includes('basic'), bearer: ways.includes('bearer') },
    provider: await providerOf(config),
    publicUrl: config.public_url?.replace(/\/+$/, ''),
    ratePerMinute: { caller: config.rate_limit, address: config.rate_limit * ADDRESS_FACTOR },
  }
}

export const originsOf = ({ cors_origins: origins }: Pick<Config, 'cors_origins'>): readonly string[] => words(origins)
export const proxiesOf = ({ trusted_proxies: proxies }: Pick<Config, 'trusted_proxies'>): readonly string[] => words(proxies)
