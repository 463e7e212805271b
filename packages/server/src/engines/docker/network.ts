import * as z from 'zod'
import { type DockerClient, orMissing, statusOf, wordsOf } from './client.ts'
import type { Containers } from './containers.ts'
import { hasLabels, LABEL, type Labels, labelFilter, networkLabels } from './labels.ts'
import { networkName } from './names.ts'

const Networks = z.array(
  z.looseObject({ Id: z.string(), Name: z.string(), Created: z.string().default(''), Labels: z.record(z.string(), z.string()).nullish() }),
)
type Network = z.infer<typeof Networks>[number]

const Attached = z.looseObject({ Containers: z.record(z.string(), z.unknown()).nullish() })

/** How long a network is kept that nothing uses, in milliseconds: an apply elsewhere may be about to use it. */
const KEPT = 60_000

export interface NetworkDeps {
  readonly client: DockerClient
  readonly containers: Containers
  readonly installation: string
  readonly now: () => number
}

/** One bridge network for each project: names resolve inside it, and other projects are elsewhere. */
export function networks({ client, containers, installation, now }: NetworkDeps) {
  const { docker, within } = client
  const lastUsed = new Map<string, number>()
  const list = async (more: Labels = {}): Promise<readonly Network[]> => {
    const wanted = { [LABEL.installation]: installation, ...more }
    const found = Networks.parse(await within('read', (abortSignal) => docker.listNetworks({ filters: labelFilter(wanted), abortSignal })))
    return found.filter((network) => hasLabels(network.Labels, wanted))
  }
  const remove = (id: string): Promise<unknown> => orMissing(within('change', (abortSignal) => docker.getNetwork(id).remove({ abortSignal })))

  async function create(project: string): Promise<void> {
    const options = { Name: networkName(installation, project), Driver: 'bridge', CheckDuplicate: true, Labels: { ...networkLabels(installation, project) } }
    try {
      await within('change', (abortSignal) => docker.createNetwork({ ...options, abortSignal }))
    } catch (error) {
      // Somebody was faster: Docker says 409, Podman 500. The list that follows tells whether it is ours.
      if (statusOf(error) !== 409 && !/already (?:exists|used|in use)/i.test(wordsOf(error))) throw error
    }
  }
  async function inUse({ Id, Labels }: Network): Promise<boolean> {
    if ((await containers.inProject(Labels?.[LABEL.project] ?? '')).length > 0) return true
    const attached = await orMissing(within('read', () => docker.getNetwork(Id).inspect()))
    return Object.keys(Attached.parse(attached ?? {}).Containers ?? {}).length > 0
  }
  return {
    /** Makes the project's network exist, and keeps `tidy` from it for a minute. Safe against others who do the same. */
    async ensure(project: string): Promise<void> {
      lastUsed.set(project, now())
      const find = (): Promise<readonly Network[]> => list({ [LABEL.project]: project })
      let found = await find()
      if (found.length === 0) {
        await create(project)
        found = await find()
        if (found.length === 0) throw new Error(`the network ${networkName(installation, project)} exists, and another installation made it`)
      }
      // Two that create at the same moment can both succeed. The oldest stays; an engine would call the name ambiguous.
      const [, ...doubles] = found.toSorted((a, b) => (a.Created + a.Id < b.Created + b.Id ? -1 : 1))
      for (const { Id } of doubles) await remove(Id).catch(() => undefined)
      lastUsed.set(project, now())
    },
    /** Removes networks of ours that no container uses any more, and no apply did lately. */
    async tidy(): Promise<void> {
      for (const network of await list()) {
        const project = network.Labels?.[LABEL.project] ?? ''
        const idle = now() - Math.max(lastUsed.get(project) ?? 0, Date.parse(network.Created) || 0)
        if (idle < KEPT || (await inUse(network))) continue
        if (now() - (lastUsed.get(project) ?? 0) < KEPT) continue
        // In use after all (403): the engine's answer is the last word.
        await remove(network.Id).catch((error: unknown) => {
          if (statusOf(error) !== 403) throw error
        })
      }
    },
  }
}
