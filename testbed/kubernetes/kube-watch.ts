import type { IncomingMessage } from 'node:http'
import * as z from 'zod'
import { sleep } from '../../packages/server/src/supervise/wait-until.ts'
import type { KubeClient } from './kube-call.ts'

const List = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(z.unknown()) })
const Event = z.object({ type: z.string(), object: z.unknown() })

interface Named {
  readonly metadata: { readonly name: string; readonly namespace: string }
}

export interface Watching<T extends Named> {
  readonly client: KubeClient
  /** Of the list, as `/api/v1/services`. */
  readonly path: string
  readonly schema: z.ZodType<T>
  /** By `namespace/name`; kept like the cluster has them. */
  readonly into: Map<string, T>
  /** Told each time the whole list has come. */
  readonly onListed: () => void
  /** Told why it will be asked for again. */
  readonly onFailed: (error: unknown) => void
}

const PAUSE_MS = 300

const keyOf = ({ metadata }: Named): string => `${metadata.namespace}/${metadata.name}`

/** Takes the list in, and gives the version to go on from. */
const list = async <T extends Named>({ client, path, schema, into }: Watching<T>): Promise<string> => {
  const { status, body } = await client.call('GET', path)
  if (status !== 200) throw new Error(`GET ${path}: ${status}`)
  const { metadata, items } = List.parse(body)
  const found = items.map((item) => schema.parse(item))
  into.clear()
  for (const item of found) into.set(keyOf(item), item)
  return metadata.resourceVersion
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = `${rest}${String(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

const follow = async <T extends Named>({ client, path, schema, into }: Watching<T>, version: string): Promise<void> => {
  const response = await client.stream(`${path}?watch=true&resourceVersion=${version}`)
  for await (const line of linesOf(response)) {
    const { type, object } = Event.parse(JSON.parse(line))
    if (type === 'ERROR') return
    const item = schema.parse(object)
    if (type === 'DELETED') into.delete(keyOf(item))
    else into.set(keyOf(item), item)
  }
}

/** Keeps a map like what the cluster has, for ever. While the API server does not answer, the map stays as it was. */
export const watchInto = async <T extends Named>(watching: Watching<T>): Promise<never> => {
  for (;;) {
    try {
      const version = await list(watching)
      watching.onListed()
      await follow(watching, version)
    } catch (error) {
      watching.onFailed(error)
    }
    await sleep(PAUSE_MS)
  }
}
