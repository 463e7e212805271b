/** How a user of a kubeconfig proves who it is. Files are read when used, so that what replaces them is seen. */
export interface KubeUser {
  readonly name: string
  readonly token: string | undefined
  readonly tokenFile: string | undefined
  /** PEM text, or where it lies. */
  readonly certificate: Material | undefined
  readonly key: Material | undefined
  readonly basic: { readonly username: string; readonly password: string } | undefined
  readonly exec: ExecPlugin | undefined
  /** An authenticator of old (`oidc`, `gcp`, `azure`), as the kubeconfig has it. */
  readonly legacy: { readonly name: string; readonly config: Readonly<Record<string, unknown>> } | undefined
  /** Whom to act as: the `Impersonate-*` headers. */
  readonly impersonate: Readonly<Record<string, string | readonly string[]>>
}

export type Material = { readonly text: string } | { readonly file: string }

/** A program that prints credentials. */
export interface ExecPlugin {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly installHint: string | undefined
  readonly provideClusterInfo: boolean
}

/** One API server, and as whom it is asked: a context of a kubeconfig, or the pod that this process runs in. */
export interface KubeEndpoint {
  /** Where this is written, for messages: the kubeconfig's path. */
  readonly source: string
  readonly contextName: string
  readonly server: string
  readonly namespace: string
  readonly authority: Material | undefined
  readonly insecure: boolean
  readonly tlsServerName: string | undefined
  readonly proxyUrl: string | undefined
  readonly user: KubeUser
  /** All files that say the above; when one changes, it is read again. */
  readonly files: readonly string[]
}
