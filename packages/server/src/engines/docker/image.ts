import * as z from 'zod'
import { type DockerClient, orMissing } from './client.ts'

/** What an image says of itself, as far as it decides how a container of it starts. */
export interface ImageFacts {
  readonly id: string
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  readonly env: readonly string[]
  readonly user: string
  readonly workingDir: string
}

const Words = z.array(z.string()).nullish()
const ImageInspect = z.looseObject({
  Id: z.string(),
  Config: z.looseObject({ Entrypoint: Words, Cmd: Words, Env: Words, User: z.string().nullish(), WorkingDir: z.string().nullish() }).nullish(),
})

export function parseImage(json: unknown): ImageFacts {
  const { Id, Config } = ImageInspect.parse(json)
  return {
    id: Id,
    entrypoint: Config?.Entrypoint ?? [],
    cmd: Config?.Cmd ?? [],
    env: Config?.Env ?? [],
    user: Config?.User ?? '',
    workingDir: Config?.WorkingDir || '/',
  }
}

/** The image on the engine's disk; undefined: it has none of that name. */
export async function findImage({ docker, within }: DockerClient, name: string): Promise<ImageFacts | undefined> {
  const json = await orMissing(within('read', () => docker.getImage(name).inspect()))
  return json === undefined ? undefined : parseImage(json)
}
