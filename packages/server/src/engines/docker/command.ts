import { posix } from 'node:path'
import type { Refusal } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'
import * as z from 'zod'
import { type DockerClient, orMissing } from './client.ts'
import { argvOf } from './create.ts'
import type { ImageFacts } from './image.ts'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Bits of Go's os.FileMode, which the engine reports. */
const IS_FOLDER = 2 ** 31
const EXECUTABLE = 0o111

/** Where a command may be: as it is when it holds a slash, else in each folder of PATH. */
export function commandPaths(program: string, { workingDir, path }: { readonly workingDir: string; readonly path: string }): readonly string[] {
  if (program.includes('/')) return [posix.resolve(workingDir, program)]
  return path.split(':').map((folder) => posix.resolve(workingDir, folder, program))
}

const Stat = z.looseObject({ mode: z.number(), linkTarget: z.string().default('') })

async function modeAt(client: DockerClient, container: string, path: string): Promise<number | undefined> {
  const answer = await orMissing(client.within('read', (abortSignal) => client.docker.getContainer(container).infoArchive({ path, abortSignal })))
  if (!answer) return undefined
  const { headers } = answer as NodeJS.ReadableStream & { headers: Record<string, string | undefined> } // the raw HTTP response
  answer.resume()
  const { mode, linkTarget } = Stat.parse(JSON.parse(Buffer.from(headers['x-docker-container-path-stat'] ?? '', 'base64').toString()))
  return linkTarget !== '' && linkTarget !== path ? modeAt(client, container, linkTarget) : mode
}

/**
 * Under docker-init a command that does not exist is an exit code like any other. Looking it up in the created container keeps it
 * what it is without one: a refusal with a reason. What was found once is not looked up again.
 */
export function commandCheck(client: DockerClient) {
  const found = new Set<string>()
  return async (container: string, workload: Workload, image: ImageFacts): Promise<Refusal | undefined> => {
    const [program] = argvOf(workload, image)
    if (program === undefined)
      return { code: 'command-not-found', evidence: [`the image ${workload.image} names no command to run, and neither does the function`] }
    if (program === '') return { code: 'command-not-found', evidence: ['the command is empty'] }
    const fromImage = image.env.findLast((line) => line.startsWith('PATH='))?.slice('PATH='.length)
    const path = workload.env.findLast(({ name }) => name === 'PATH')?.value ?? fromImage ?? DEFAULT_PATH
    const key = JSON.stringify([image.id, program, path])
    if (workload.volumes.length === 0 && found.has(key)) return undefined
    let unusable: string | undefined
    for (const place of commandPaths(program, { workingDir: image.workingDir, path })) {
      const mode = await modeAt(client, container, place)
      if (mode === undefined) continue
      if (mode < IS_FOLDER && (mode & EXECUTABLE) !== 0) {
        found.add(key)
        return undefined
      }
      unusable ??= mode < IS_FOLDER ? `exec: "${place}": permission denied` : `exec: "${place}": is a directory`
    }
    if (unusable !== undefined) return { code: 'command-not-executable', evidence: [unusable] }
    const where = program.includes('/') ? 'no such file or directory' : 'executable file not found in $PATH'
    return { code: 'command-not-found', evidence: [`exec: "${program}": ${where}`] }
  }
}
