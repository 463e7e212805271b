/** How a cluster is reached, and where in it projects live. All optional: without any it is the pod's own cluster, else the current context. */
export interface ClusterSettings {
  /** Path of a kubeconfig. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  /** The namespace of all projects. Default: the context's or the pod's own, else `default`. */
  readonly namespace?: string | undefined
  /** Each project in a namespace of its own, made by Davit. */
  readonly namespacePerProject?: boolean | undefined
  /** Before the project's name, in that case. Default: `davit-`. */
  readonly namespacePrefix?: string | undefined
  /** ResourceQuota of such a namespace: resource → amount. */
  readonly quota?: Readonly<Record<string, string>> | undefined
  /** Deny traffic from other namespaces by default; `closed`: to the outside too. */
  readonly networkPolicy?: boolean | 'closed' | undefined
  /** Pod Security level that such a namespace enforces. */
  readonly podSecurity?: 'baseline' | 'restricted' | undefined
  /** Address under which node ports are reached. Default: the node's own. */
  readonly nodeHost?: string | undefined
}
