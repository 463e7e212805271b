import { Davit, getOrCreateProject, type ProjectHandle } from 'davit'
import { type DavitServer, startServer } from '../../tools/davit-server.ts'
import type { Figure } from '../bench.ts'
import { type RawCluster, rawCluster } from './raw-cluster.ts'

export interface Inside {
  readonly raw: RawCluster
  readonly server: DavitServer
  readonly client: Davit
  readonly project: ProjectHandle
  readonly args: readonly string[]
  say(line: string): void
}

/** What a bench's process does that runs in the cluster's network namespace: a Davit server there, a bare client beside it. Figures go to stdout as JSON. */
export async function openInside(measure: (inside: Inside) => Promise<readonly Figure[]>): Promise<void> {
  const [kubeconfig = '', data = '', ...args] = process.argv.slice(2)
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const server = await startServer({ data, flags: ['--engine', 'kubernetes', '--kubeconfig', kubeconfig, '--ephemeral'] })
  // Interrupted, the bench ends this process: the server must not outlive it.
  process.once('SIGTERM', () => void server.stop().finally(() => process.exit(143)))
  const raw = await rawCluster(kubeconfig)
  try {
    const client = new Davit({ endpoint: server.endpoint })
    const project = await getOrCreateProject('bench', { client })
    const figures = await measure({ raw, server, client, project, args, say })
    process.stdout.write(`${JSON.stringify(figures)}\n`)
  } finally {
    await server.stop()
    raw.close()
  }
}
