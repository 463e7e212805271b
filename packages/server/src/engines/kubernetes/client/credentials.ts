import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { DavitError } from 'davit/contract'
import type { KubeEndpoint, Material } from './endpoint.ts'
import { type PluginCredential, runPlugin } from './exec-plugin.ts'
import { legacyAuthorization } from './legacy-auth.ts'

/** What one call needs: where to, as whom, over which TLS. */
export interface Credential {
  readonly endpoint: KubeEndpoint
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly tls: TlsMaterial
  /** Equal for equal `tls`. */
  readonly tlsKey: string
}

export interface TlsMaterial {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

export interface CredentialDeps {
  /** Reads the endpoint again: its files may have changed. */
  readonly load: () => Promise<KubeEndpoint>
  /** The environment for credential plugins. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now?: () => number
}

/** How long files are trusted unseen. Token files of pods change long before the old token ends. */
const TRUSTED_MS = 5_000
/** Credentials that the server refuses are not renewed more often than this. */
const RENEWAL_PAUSE_MS = 2_000
/** A plugin's credential is replaced this long before it ends. */
const EARLY_MS = 5_000

async function readMaterial(endpoint: KubeEndpoint, material: Material | undefined): Promise<string | undefined> {
  if (!material || 'text' in material) return material?.text
  return readSecret(endpoint, material.file)
}

async function readSecret(endpoint: KubeEndpoint, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new DavitError('invalid', `The ${endpoint.source} names a file that cannot be read: ${words}.`, {
      hint: 'Bring the file back, or correct its path.',
      cause: error,
    })
  }
}

const stampOf = async (files: readonly string[]): Promise<string> =>
  (
    await Promise.all(
      files.map((file) =>
        stat(file).then(
          ({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`,
          () => '-',
        ),
      ),
    )
  ).join(' ')

/** Where a bearer token comes from, the surest first. */
async function authorizationOf(
  endpoint: KubeEndpoint,
  plugin: PluginCredential | undefined,
  legacy: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const { user } = endpoint
  if (plugin?.token) return `Bearer ${plugin.token}`
  if (user.tokenFile) return `Bearer ${(await readSecret(endpoint, user.tokenFile)).trim()}`
  if (user.token) return `Bearer ${user.token}`
  if (user.basic) return `Basic ${Buffer.from(`${user.basic.username}:${user.basic.password}`).toString('base64')}`
  return user.legacy ? await legacy() : undefined
}

interface Loaded extends Credential {
  readonly stamp: string
  readonly expiresAt: number
}

/**
 * The credentials of one endpoint, kept up to date: changed files are read again, expired plugin credentials made again, a login of
 * old asked for each call. What cannot be read for a moment (a file just being replaced) leaves the last good ones in use.
 */
export function credentials({ load, env, now = Date.now }: CredentialDeps) {
  let kept: Loaded | undefined
  let seenAt = 0
  let renewedAt = 0
  let loading: Promise<Loaded> | undefined
  let legacy: { readonly of: string; readonly ask: () => Promise<string | undefined> } | undefined

  /** The same login for as long as the kubeconfig says the same: it keeps what it got in exchange. */
  function legacyFor(endpoint: KubeEndpoint): () => Promise<string | undefined> {
    const of = JSON.stringify([endpoint.user.legacy])
    if (!legacy || legacy.of !== of) legacy = { of, ask: legacyAuthorization(endpoint) }
    return legacy.ask
  }

  async function make(): Promise<Loaded> {
    const endpoint = await load()
    const stamp = await stampOf(endpoint.files)
    const { user } = endpoint
    const plugin = user.exec ? await runPlugin(endpoint, env) : undefined
    const authorization = await authorizationOf(endpoint, plugin, legacyFor(endpoint))
    const tls = {
      ca: await readMaterial(endpoint, endpoint.authority),
      cert: plugin?.certificate ?? (await readMaterial(endpoint, user.certificate)),
      key: plugin?.key ?? (await readMaterial(endpoint, user.key)),
    }
    const impersonate = Object.entries(user.impersonate).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])
    const tlsKey = createHash('sha256')
      .update(JSON.stringify([endpoint.server, endpoint.insecure, endpoint.tlsServerName, endpoint.proxyUrl, tls]))
      .digest('hex')
    // A login of old keeps its token to itself: asked again every minute, it hands out a new one in time.
    const expiresAt = plugin?.expiresAt ?? (user.legacy ? now() + 60_000 : Number.POSITIVE_INFINITY)
    return { endpoint, headers: { ...Object.fromEntries(impersonate), ...(authorization && { authorization }) }, tls, tlsKey, stamp, expiresAt }
  }

  /** One load at a time, for all that wait. */
  const reload = (): Promise<Loaded> => {
    loading ??= make()
      .then((made) => {
        seenAt = now()
        kept = made
        return made
      })
      .finally(() => {
        loading = undefined
      })
    return loading
  }

  return {
    /** What to use now. Throws DavitError when there never were any, or a plugin's ended and it makes no new ones. */
    async current(): Promise<Credential> {
      const last = kept
      if (!last) return reload()
      if (now() >= last.expiresAt - EARLY_MS) return reload().catch((error: unknown) => (now() < last.expiresAt ? last : Promise.reject(error)))
      if (now() - seenAt < TRUSTED_MS) return last
      seenAt = now()
      return (await stampOf(last.endpoint.files)) === last.stamp ? last : reload().catch(() => last)
    },
    /** After the server refused `stale`: makes new ones. Undefined: that was just done, so once more would not help. Throws as `current` does. */
    async renew(stale: Credential): Promise<Credential | undefined> {
      if (kept && kept !== stale) return kept
      if (now() - renewedAt < RENEWAL_PAUSE_MS) return undefined
      renewedAt = now()
      return reload()
    },
  }
}
export type Credentials = ReturnType<typeof credentials>
