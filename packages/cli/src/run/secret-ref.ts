import { notFound, type Secret } from 'davit/contract'
import type { Scope } from './run-ref.ts'

/** The secret of a name. Throws `not_found`. */
export const resolveSecret = async ({ client, project, signal }: Scope, name: string): Promise<Secret> => {
  const secret = await client.secrets.find(project, name, { signal })
  if (!secret) throw notFound('secret', `There is none named ${name} in project ${project}.`, '`davit secret ls` lists them')
  return secret
}
