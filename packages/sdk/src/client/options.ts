export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** How a client reaches its server. */
export interface DavitOptions {
  /** Base URL. Default: DAVIT_ENDPOINT, DHCORE_ENDPOINT, else `http://127.0.0.1:8080`. */
  readonly endpoint?: string | undefined
  /** Access token, personal or issued; empty text: none. Default: DAVIT_TOKEN, DHCORE_ACCESS_TOKEN, DHCORE_PERSONAL_ACCESS_TOKEN. */
  readonly token?: string | undefined
  /** User and password, where there is no token. Default: DHCORE_USER and DHCORE_PASSWORD. */
  readonly login?: { readonly user: string; readonly password: string } | undefined
  /** Used instead of the global `fetch`: a proxy, a test's server in the same process. */
  readonly fetch?: Fetch | undefined
  /** Milliseconds that one request may take, its answer included. Streams: until the first byte. Default 60,000. */
  readonly timeoutMs?: number | undefined
  /** How often a request is sent again after it failed in a way that may pass. Default 2. */
  readonly retries?: number | undefined
}

/** What every call takes. */
export interface CallOptions {
  /** Aborting it ends the call at once with a DavitError `aborted`; what the server already did stays done. */
  readonly signal?: AbortSignal | undefined
}
