import { notFound } from '#contract/error.ts'
import { clientOf, type HandleOptions } from './handle-options.ts'
import { createSecret, type NewSecret, SecretHandle } from './secret-handle.ts'

interface InThis {
  readonly project: string
}

/** Declares a secret and sets its value. Throws `duplicate` when the name is taken. */
export const newSecret = async ({ project, ...secret }: NewSecret & InThis, options: HandleOptions = {}): Promise<SecretHandle> =>
  createSecret(clientOf(options), project, { secret, options })

/** Throws `not_found`. */
export const getSecret = async (name: string, { project, ...options }: InThis & HandleOptions): Promise<SecretHandle> => {
  const client = clientOf(options)
  const secret = await client.secrets.find(project, name, options)
  if (!secret) throw notFound('secret', `There is none named ${name} in project ${project}.`)
  return new SecretHandle(client, secret)
}

export const listSecrets = async (project: string, options: HandleOptions = {}): Promise<SecretHandle[]> => {
  const client = clientOf(options)
  return client.secrets
    .list(project, {}, options)
    .map((secret) => new SecretHandle(client, secret))
    .all()
}

/** Deletes a secret and its value, by its name. */
export const deleteSecret = async (name: string, options: InThis & HandleOptions): Promise<void> => (await getSecret(name, options)).delete(options)
