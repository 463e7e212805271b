import { DavitError } from 'davit/contract'
import type { KubeEndpoint } from './endpoint.ts'

/**
 * The `Authorization` header of a user with an authenticator of old (`oidc`, `gcp`, `azure`), by the official client library: it is
 * loaded for these only, since it takes 0.3 s and 90 MB.
 */
export function legacyAuthorization({ user: { name, legacy }, source }: KubeEndpoint): () => Promise<string | undefined> {
  let config: Promise<{ applyToHTTPSOptions(options: object): Promise<void> }> | undefined
  const load = async () => {
    const { KubeConfig } = await import('@kubernetes/client-node')
    const loaded = new KubeConfig()
    const user = { name, authProvider: { name: legacy?.name ?? '', config: { ...legacy?.config } } }
    loaded.loadFromClusterAndUser({ name: 'cluster', server: 'https://127.0.0.1', skipTLSVerify: false }, user)
    return loaded
  }
  return async () => {
    try {
      config ??= load()
      const options: { headers: Record<string, string> } = { headers: {} }
      await (await config).applyToHTTPSOptions(options)
      return options.headers['Authorization']
    } catch (error) {
      throw new DavitError(
        'unauthenticated',
        `The ${legacy?.name ?? ''} login of user ${name} (${source}) failed: ${error instanceof Error ? error.message : String(error)}.`,
        {
          hint: 'Log in again with the tool that wrote the kubeconfig.',
          cause: error,
        },
      )
    }
  }
}
