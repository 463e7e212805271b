import type { Davit } from '#client/davit.ts'
import type { CallOptions } from '#client/options.ts'
import { notFound } from '#contract/error.ts'
import type { Secret } from '#contract/secret.ts'
import { type Description, metadataOf } from './describe.ts'

/** A new secret: the arguments of the Python SDK's `new_secret`. */
export interface NewSecret extends Description {
  readonly name: string
  readonly uuid?: string | undefined
  /** Its value. Default: none yet. */
  readonly secret_value?: string | undefined
}

/** A secret, without its value. */
export class SecretHandle {
  readonly client: Davit
  readonly entity: Secret

  constructor(client: Davit, secret: Secret) {
    this.client = client
    this.entity = secret
  }

  get id(): string {
    return this.entity.id
  }
  get name(): string {
    return this.entity.name
  }
  get project(): string {
    return this.entity.project
  }
  get key(): string {
    return this.entity.key
  }

  setValue(value: string, options?: CallOptions): Promise<void> {
    return this.client.secrets.set(this.project, { [this.name]: value }, options)
  }

  /** Throws `not_found` while it has no value. */
  async readValue(options?: CallOptions): Promise<string> {
    const value = (await this.client.secrets.values(this.project, [this.name], options))[this.name]
    if (value === undefined) throw notFound('secret', `${this.name} has no value yet.`)
    return value
  }

  /** Deletes it and its value. */
  delete(options?: CallOptions): Promise<void> {
    return this.client.secrets.delete(this.project, this.id, options)
  }
}

/** Declares a secret and sets its value. */
export const createSecret = async (
  client: Davit,
  project: string,
  { secret, options }: { secret: NewSecret; options: CallOptions | undefined },
): Promise<SecretHandle> => {
  const { name, uuid, secret_value, ...description } = secret
  const entity = await client.secrets.create(project, { name, ...(uuid !== undefined && { id: uuid }), metadata: metadataOf(description) }, options)
  const handle = new SecretHandle(client, entity)
  if (secret_value !== undefined) await handle.setValue(secret_value, options)
  return handle
}
