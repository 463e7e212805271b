import * as z from 'zod'
import { type DockerClient, endpointText } from './client.ts'

/** Which engine answers, as far as its behaviour differs. */
export interface Flavor {
  readonly kind: 'docker' | 'podman'
  readonly version: string
  /** Processors that a container may use at most. */
  readonly cores: number
  /** Where the engine keeps its files, on its machine. */
  readonly rootDir: string
}

const Version = z.looseObject({ Version: z.string(), Components: z.array(z.looseObject({ Name: z.string() })).nullish() })
const Info = z.looseObject({ NCPU: z.number().default(1), DockerRootDir: z.string().default('') })

/** Asks the engine who it is. */
export async function readFlavor({ docker, within }: DockerClient): Promise<Flavor> {
  const { Version: version, Components } = Version.parse(await within('read', () => docker.version()))
  const { NCPU, DockerRootDir } = Info.parse(await within('read', () => docker.info()))
  const podman = (Components ?? []).some(({ Name }) => /podman/i.test(Name))
  return { kind: podman ? 'podman' : 'docker', version, cores: NCPU, rootDir: DockerRootDir }
}

/** Remembers the answer; a failure is asked again. */
export function flavors(client: DockerClient): { readonly get: () => Promise<Flavor>; readonly refresh: () => Promise<Flavor> } {
  let known: Flavor | undefined
  const refresh = async (): Promise<Flavor> => {
    known = await readFlavor(client)
    return known
  }
  return { get: async () => known ?? refresh(), refresh }
}

/** `dockerd 20.10.24 at unix:///run/docker.sock`. */
export const flavorText = ({ kind, version }: Flavor, client: DockerClient): string =>
  `${kind === 'podman' ? 'podman' : 'dockerd'} ${version} at ${endpointText(client.endpoint)}`
