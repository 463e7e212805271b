import { PodSecurity, parseQuantity, Profile } from 'davit/contract'
import { z } from 'zod'

const PAIR = /^([^=\s]+)=([^=\s]+)$/

/** Text that a name on Kubernetes can be, or begin with. */
export const KubeName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9][a-z0-9.-]*$/, 'must hold only lower-case letters, digits, "-" and "."')

const isAmount = (amount: unknown): boolean => (typeof amount === 'string' || typeof amount === 'number') && parseQuantity(amount) !== undefined
const Amounts = z
  .record(z.string().min(1), z.union([z.string(), z.number()]).refine(isAmount, 'must be an amount, such as 8 or 16Gi'))
  .transform((amounts) => Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, String(amount)])))

const QuotaText = z.string().transform((text, context) => {
  const pairs = text.split(',').map((pair) => pair.trim().match(PAIR))
  const amounts = pairs.flatMap((match) => (match?.[1] !== undefined && isAmount(match[2]) ? [[match[1], match[2] ?? ''] as const] : []))
  if (amounts.length === pairs.length) return Object.fromEntries(amounts)
  context.addIssue({ code: 'custom', message: 'must be RESOURCE=AMOUNT, with commas between, such as requests.cpu=8,pods=50' })
  return z.NEVER
})

/** Amounts of a ResourceQuota. */
export const Quota = QuotaText

export const NetworkPolicyMode = z.enum(['off', 'on', 'closed'])

/** Names of service accounts, with commas between. */
export const AccountNames = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(KubeName))

/** One cluster of several. What it does not say is as in the settings of the same name. */
const ClusterConfig = z.strictObject({
  kubeconfig: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  namespace: KubeName.optional(),
  namespace_per_project: z.boolean().optional(),
  namespace_prefix: KubeName.optional(),
  namespace_quota: z.union([Amounts, QuotaText]).optional(),
  network_policy: NetworkPolicyMode.optional(),
  pod_security: PodSecurity.optional(),
  service_accounts: z.union([z.array(KubeName), AccountNames]).optional(),
  node_host: z.string().min(1).optional(),
})

const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$/
const named = <T extends z.ZodType>(entry: T) =>
  z.record(z.string(), entry).superRefine((entries, context) => {
    for (const name of Object.keys(entries))
      if (!NAME.test(name)) context.addIssue({ code: 'custom', path: [name], message: 'is not a name: it must hold only letters, digits and . _ -' })
  })

export const ClusterConfigs = named(ClusterConfig).refine((clusters) => Object.keys(clusters).length > 0, 'must hold at least one cluster')

export const Profiles = named(Profile)
