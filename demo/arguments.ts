import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder } from '../testbed/images/index.ts'

const ENGINES = ['auto', 'docker', 'kubernetes'] as const
type EngineName = (typeof ENGINES)[number]

const USAGE = `usage: npm run demo -- [--engine docker|kubernetes] [--kubeconfig FILE [--image NAME]] [--stay] [--data DIR]

  --engine docker       Docker or Podman: yours, else one that the demo brings (the default)
  --engine kubernetes   a real Kubernetes that the demo brings: Linux, root, Go; minutes the first time
  --kubeconfig FILE     a cluster of yours instead (also: DAVIT_TEST_KUBECONFIG), in the namespace of its context
  --image NAME          an image that it has or can pull, with sh and httpd (default: busybox)
  --stay                stay up after the story, until Ctrl-C (the default on a terminal)
  --data DIR            folder for the server, removed at the end`

export interface Wanted {
  readonly engine: EngineName
  /** Of the user's cluster. */
  readonly kubeconfig: string | undefined
  readonly image: string | undefined
  readonly data: string
  /** Stay up after the story, until Ctrl-C. */
  readonly stay: boolean
}

const isEngine = (name: string): name is EngineName => ENGINES.some((one) => one === name)

/** What the demo is asked for. Throws with the usage on anything that it does not know. */
export const readArguments = (args: readonly string[], { env, terminal }: { readonly env: NodeJS.ProcessEnv; readonly terminal: boolean }): Wanted => {
  const text = { type: 'string' } as const
  const read = () => parseArgs({ args: [...args], options: { data: text, engine: text, kubeconfig: text, image: text, stay: { type: 'boolean' } } }).values
  const given = ((): ReturnType<typeof read> => {
    try {
      return read()
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    }
  })()
  const engine = given.engine ?? (given.kubeconfig === undefined ? 'auto' : 'kubernetes')
  if (!isEngine(engine)) throw new Error(`no engine ${engine}\n\n${USAGE}`)
  if (engine !== 'kubernetes' && (given.kubeconfig ?? given.image) !== undefined)
    throw new Error(`--kubeconfig and --image go with --engine kubernetes\n\n${USAGE}`)
  return {
    engine,
    kubeconfig: given.kubeconfig ?? (env['DAVIT_TEST_KUBECONFIG'] || undefined),
    image: given.image,
    data: resolve(given.data ?? join(cacheFolder(), 'demo')),
    stay: given.stay ?? terminal,
  }
}
