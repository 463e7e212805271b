import { type DockerClient, orMissing, statusOf } from './client.ts'
import type { Containers } from './containers.ts'
import { lifeOf } from './observe.ts'

/**
 * Takes back a container that was created and, as a list had it, never started. Its maker may have died after asking for the start, or
 * waits for an answer still: that start can come late, and would start again what has ended by then. Now it finds nothing.
 * False: the container did start, and stays.
 */
export async function withdraw(id: string, deps: { readonly client: DockerClient; readonly containers: Containers }): Promise<boolean> {
  const { client, containers } = deps
  // The look waits for a start that is under way (the list does not), and a removal without force leaves what runs.
  const container = await containers.inspect(id)
  if (!container) return true
  if (lifeOf(container.State.Status) !== 'unstarted') return false
  try {
    await orMissing(client.within('change', (abortSignal) => client.docker.getContainer(id).remove({ v: true, abortSignal })))
    return true
  } catch (error) {
    // It was started between the look and the removal.
    const now = statusOf(error) === 409 ? await containers.inspect(id) : undefined
    if (now && lifeOf(now.State.Status) !== 'unstarted') return false
    throw error
  }
}
