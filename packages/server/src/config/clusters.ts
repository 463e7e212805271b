import type { Config } from './settings.ts'

/** The cluster of a configuration that names none. */
const ONLY = 'default'

type Flat = Pick<
  Config,
  | 'kubeconfig'
  | 'kube_context'
  | 'namespace'
  | 'namespace_per_project'
  | 'namespace_prefix'
  | 'namespace_quota'
  | 'network_policy'
  | 'pod_security'
  | 'service_accounts'
  | 'node_host'
>

/** Everything about one cluster: its own word, else the setting of the same name. */
const settingsOf = (flat: Omit<Flat, 'kube_context'> & { readonly context: string | undefined }) => ({
  kubeconfig: flat.kubeconfig,
  context: flat.context,
  namespace: flat.namespace,
  namespacePerProject: flat.namespace_per_project,
  namespacePrefix: flat.namespace_prefix,
  quota: flat.namespace_quota,
  networkPolicy: { off: false, on: true, closed: 'closed' as const }[flat.network_policy],
  podSecurity: flat.pod_security,
  serviceAccounts: flat.service_accounts,
  nodeHost: flat.node_host,
})

/** Which service accounts a run may name in each cluster: where each project has a namespace any, that namespace having none of others. */
export const accountsOf = (clusters: ReturnType<typeof clustersOf>): Readonly<Record<string, 'any' | readonly string[]>> =>
  Object.fromEntries(
    Object.entries(clusters).map(([name, { namespacePerProject, serviceAccounts }]) => [name, namespacePerProject ? 'any' : (serviceAccounts ?? [])]),
  )

/** The clusters that the settings name, the default one first. Without any it is one called `default`. */
export function clustersOf({
  clusters,
  kube_context: context,
  ...rest
}: Flat & Pick<Config, 'clusters'>): Readonly<Record<string, ReturnType<typeof settingsOf>>> {
  const flat = { ...rest, context }
  if (clusters === undefined) return { [ONLY]: settingsOf(flat) }
  const entries = Object.entries(clusters).map(([name, own]) => {
    const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
    // Another cluster's kubeconfig names contexts and namespaces of its own, and has other accounts in them.
    const inherited = own.kubeconfig === undefined ? flat : { ...flat, context: undefined, namespace: undefined, service_accounts: undefined }
    return [name, settingsOf({ ...inherited, ...said })] as const
  })
  return Object.fromEntries(entries)
}
