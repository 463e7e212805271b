/** Who a kubeconfig speaks as. */
export type Credentials = { readonly certificate: string; readonly key: string } | { readonly token: string } | { readonly tokenFile: string }

export interface KubeconfigInput {
  readonly server: string
  /** PEM of the authority that signed the server's certificate. */
  readonly authority: string
  readonly credentials: Credentials
  readonly namespace?: string
}

const base64 = (pem: string): string => Buffer.from(pem).toString('base64')

const userOf = (credentials: Credentials): object => {
  if ('token' in credentials) return { token: credentials.token }
  if ('tokenFile' in credentials) return { tokenFile: credentials.tokenFile }
  return { 'client-certificate-data': base64(credentials.certificate), 'client-key-data': base64(credentials.key) }
}

/** A kubeconfig with all it needs in it, as JSON, which is YAML too. */
export const kubeconfig = ({ server, authority, credentials, namespace = 'default' }: KubeconfigInput): string => {
  const name = 'davit-testbed'
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name, user: userOf(credentials) }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}
