import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import { broadcast } from '#engines/mailbox.ts'
import type { Credential } from './credentials.ts'

/** Requests, watches and log streams have connections of their own: none waits for another. */
export type PoolName = 'requests' | 'watches' | 'logs'
const CONNECTIONS = { requests: 32, watches: 128, logs: 512 } as const satisfies Record<PoolName, number>

const CONNECT_MS = 5_000

/** Certificates and keys read once, not for each connection. What cannot be read is left to connecting, which says why. */
function prepared(material: SecureContextOptions): SecureContextOptions | { readonly secureContext: SecureContext } {
  try {
    return { secureContext: createSecureContext(material) }
  } catch {
    return material
  }
}

function agent({ endpoint, tls }: Credential, connections: number): Dispatcher {
  const requestTls = {
    ...prepared({
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
    }),
    ...(endpoint.tlsServerName !== undefined && { servername: endpoint.tlsServerName }),
    ...(endpoint.insecure && { rejectUnauthorized: false }),
  }
  // A connection whose other side vanished without a word is found by the system's probes.
  const connect = { ...requestTls, timeout: CONNECT_MS, keepAlive: true, keepAliveInitialDelay: 15_000, allowH2: false }
  const options = { connections, pipelining: 1, keepAliveTimeout: 30_000, allowH2: false }
  return endpoint.proxyUrl === undefined ? new Agent({ ...options, connect }) : new ProxyAgent({ ...options, uri: endpoint.proxyUrl, requestTls })
}

/** Bounded connection pools for the TLS material in use; new material means new connections, while old ones end what they do. */
export function pools() {
  let key = ''
  let made = new Map<PoolName, Dispatcher>()
  let closed = false
  const suspicions = broadcast<number>()

  /** Pools that end what they do and take nothing new. */
  const retired = new Set<Dispatcher>()
  const retire = (old: Dispatcher): void => {
    retired.add(old)
    const forget = (): void => void retired.delete(old)
    old.close().then(forget, forget)
  }
  return {
    of(name: PoolName, credential: Credential): Dispatcher {
      if (closed) throw new Error('the client of this API server is closed')
      if (credential.tlsKey !== key) {
        for (const old of made.values()) retire(old)
        made = new Map()
        key = credential.tlsKey
      }
      const pool = made.get(name) ?? agent(credential, CONNECTIONS[name])
      made.set(name, pool)
      return pool
    },
    /** A call on it waited so long for nothing: its other connections may be dead too, so later calls get new ones. */
    suspect(name: PoolName, pool: Dispatcher, waitedMs: number): void {
      suspicions.send(waitedMs)
      if (made.get(name) !== pool) return
      made.delete(name)
      retire(pool)
    },
    onSuspect: suspicions.listen,
    async close(): Promise<void> {
      closed = true
      await Promise.all([...made.values(), ...retired].map((pool) => pool.destroy().catch(() => undefined)))
      made.clear()
    },
  }
}
