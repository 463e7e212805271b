import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { EnvVar } from 'davit/contract'
import { invalid } from '#runner/invalid.ts'
import type { Io } from '#runner/io.ts'
import { mergeEnv, parseEnv, parseEnvFile } from './env-flag.ts'

const readEnvFile = async (file: string, { env, cwd }: Io): Promise<readonly EnvVar[]> => {
  const content = await readFile(resolve(cwd, file), 'utf8').catch((cause: unknown) => {
    throw invalid(`--env-file: cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  return parseEnvFile(content, { env, file })
}

/** The variables of all env files, then of all `--env`: later ones win. */
export const workloadEnvs = async (input: { readonly env: readonly string[]; readonly envFile: readonly string[] }, io: Io): Promise<readonly EnvVar[]> => {
  const files = await Promise.all(input.envFile.map((file) => readEnvFile(file, io)))
  return mergeEnv(
    ...files,
    input.env.map((line) => parseEnv(line, { env: io.env, where: '--env' })),
  )
}
