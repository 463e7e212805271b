import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { once } from 'node:events'
import { buildTestImage } from '../../testbed/images/index.ts'
import { openCluster, type OwnCluster, serverCertificate } from '../../testbed/kubernetes/index.ts'
import { root } from '../../tools/command.ts'
import { apart } from '../kubernetes/cores.ts'
import type { Bench, BenchContext, Figure } from '../bench.ts'

/** Runs of the scale bench: CI's number, unless the environment says more. */
const SCALE = process.env['DAVIT_BENCH_RUNS'] ?? '1000'

interface Measure {
  readonly script: string
  readonly args?: readonly string[]
  /** Who Davit is on the cluster. Default: its administrator. */
  readonly kubeconfig?: string
  /** What the measuring process is started by. */
  readonly by?: readonly string[]
}

/** Runs a measurement in the cluster's network namespace, where the API server is near and nothing relays. */
async function measureInside(
  cluster: OwnCluster,
  { script, args = [], kubeconfig = cluster.adminKubeconfig, by = [] }: Measure,
  { folder, say, signal }: BenchContext,
): Promise<readonly Figure[]> {
  say(script)
  const data = await mkdtemp(join(folder, script))
  await chmod(data, 0o711)
  const node = [process.execPath, '--conditions=@davit/source', '--disable-warning=ExperimentalWarning', join(root, 'bench', 'kubernetes', `${script}.ts`)]
  const [program = '', ...rest] = cluster.inside([...by, ...node, kubeconfig, join(data, 'd'), ...args])
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'], signal })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
  const figures: readonly Figure[] = JSON.parse(output)
  return figures
}

const withCluster = async (
  options: Parameters<typeof openCluster>[0],
  context: BenchContext,
  work: (cluster: OwnCluster) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> => {
  const cluster = await openCluster({ ...options, say: context.say, signal: context.signal })
  try {
    return await work(cluster)
  } finally {
    await cluster.close()
  }
}

const serverIn = (kubeconfig: string): string => /https:\/\/[^"\s]+/.exec(kubeconfig)?.[0] ?? ''

/** The same user's kubeconfig for a process in the cluster's network namespace. */
async function fromInside({ adminKubeconfig }: OwnCluster, file: string): Promise<string> {
  const [own, admin] = await Promise.all([readFile(file, 'utf8'), readFile(adminKubeconfig, 'utf8')])
  await writeFile(file, own.replace(serverIn(own), serverIn(admin)), { mode: 0o600 })
  return file
}

/** A real node: how soon an end is known, and what simply running costs the API server. */
export const kubernetesNode: Bench = (context) =>
  withCluster({ registry: false }, context, async (cluster) => {
    const image = await buildTestImage('busybox')
    await cluster.load(image.tar)
    const user = 'davit-bench'
    await cluster.kubectl(['create', 'clusterrolebinding', user, '--clusterrole=cluster-admin', `--user=${user}`])
    const kubeconfig = await fromInside(cluster, await cluster.userKubeconfig({ user }))
    return [
      ...(await measureInside(cluster, { script: 'finish', args: [image.name] }, context)),
      ...(await measureInside(cluster, { script: 'steady', args: [image.name, cluster.auditLog, user], kubeconfig }, context)),
    ]
  })

/** Nodes that kwok plays: how fast runs become Jobs, and how many one server bears. */
export const kubernetesScale: Bench = (context) =>
  withCluster({ kwok: 100 }, context, async (cluster) => {
    const { key, certificate, address } = await serverCertificate(cluster.name)
    const [keyFile, certificateFile] = [join(context.folder, 'kubelet.key'), join(context.folder, 'kubelet.crt')]
    await writeFile(keyFile, key, { mode: 0o600 })
    await writeFile(certificateFile, certificate)
    const shared = await measureInside(cluster, { script: 'submit' }, context)
    context.say('the cluster has cores of its own from here on')
    const by = await apart(cluster)
    const own = [
      ...(await measureInside(cluster, { script: 'submit', by }, context)),
      ...(await measureInside(cluster, { script: 'scale', args: [keyFile, certificateFile, address, SCALE], by }, context)),
    ]
    return [...shared, ...(by.length > 0 ? own.map((figure) => ({ ...figure, name: `${figure.name}; the cluster has half of the cores, we the other` })) : own)]
  })
