import type { Applied } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import type { ImageName } from '../image-name.ts'
import type { DockerClient } from './client.ts'
import { findImage, type ImageFacts } from './image.ts'
import type { Pulls } from './pull.ts'

/** The image of a workload, or what to answer while it is not there. */
export async function imageFor(
  { client, images }: { readonly client: DockerClient; readonly images: Pulls },
  workload: Workload,
  name: ImageName,
): Promise<ImageFacts | Applied> {
  const progress = images.progress(workload)
  if (progress !== undefined) return { done: false, phase: 'pulling', detail: progress }
  const outcome = images.outcome(workload.name)
  if (outcome && !('pulled' in outcome)) {
    images.forget(workload.name) // said once; the next apply tries again
    if ('refused' in outcome) return { refused: outcome.refused }
    throw new Error('the engine went away while it fetched the image', { cause: outcome.broken })
  }
  const present = workload.pullPolicy === 'Always' && !outcome ? undefined : await findImage(client, workload.image)
  if (present) return present
  if (workload.pullPolicy === 'Never')
    return { refused: { code: 'image-not-found', evidence: [`the engine has no image ${workload.image}, and the pull policy is Never`] } }
  return { done: false, phase: 'pulling', detail: images.ask(workload, name) }
}
