import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { openCluster, type OwnCluster } from '../testbed/kubernetes/index.ts'
import { missing } from '../tools/test/needs.ts'
import { HELLO, makeTools } from './images.ts'
import type { Making, World } from './world.ts'

/** Has a shell and a web server, as the image that is made here. */
const PUBLIC_TOOLS = 'docker.io/library/busybox:1.37'
const NODE_PORTS = { first: 30_000, count: 2_768 } as const
const TRIES = 50

const nothing = (): Promise<void> => Promise.resolve()

/** A node port that leads into the cluster from this machine's loopback, under the same number. */
const openNodePort = async (cluster: OwnCluster): Promise<number> => {
  let why: unknown
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = NODE_PORTS.first + Math.floor(Math.random() * NODE_PORTS.count)
    try {
      return await cluster.expose(port)
    } catch (error) {
      why = error
    }
  }
  throw why
}

const whyNot = (reasons: readonly string[]): string =>
  [...reasons, 'With a cluster of yours (kind, say): npm run demo -- --engine kubernetes --kubeconfig FILE', 'Without any: npm run demo'].join('\n')

/** A Kubernetes of the demo's own: real, on this machine, gone with it. */
export const ownKubernetes = async ({ told, signal, cleanups }: Making): Promise<World> => {
  const reasons = await missing(['testbed'])
  if (reasons.length > 0) throw new Error(whyNot(reasons))
  const name = `demo-${process.pid}`
  told.say(`bringing up the Kubernetes ${name} (the first time it is built from source: 7 to 10 minutes; kept for the next)`)
  const say = (line: string): void => told.say(`   ${line}`)
  const cluster = await told.during('bringing up Kubernetes', openCluster({ name, owner: process.pid, say, signal }))
  cleanups.push(() => cluster.close())
  const nodePort = await openNodePort(cluster)
  told.say(`Kubernetes is up: ${(await cluster.kubectl(['version'])).match(/Server Version: (\S+)/)?.[1] ?? ''}, 1 node`)
  return {
    // What a node port answers on is an address of the cluster's own network: from here the way is the one that was opened.
    flags: ['--engine', 'kubernetes', '--kubeconfig', cluster.hostKubeconfig, '--node-host', '127.0.0.1'],
    nodePort,
    bringImages: async () => {
      const { name: tools, tar } = await makeTools(told)
      await cluster.load(tar)
      return { tools, hello: Promise.resolve(undefined), remove: nothing }
    },
    toTry: [`KUBECONFIG=${cluster.hostKubeconfig} kubectl get jobs,deployments,pods,services`],
  }
}

/** The user's cluster. Its nodes pull the images, or have them. */
export const givenKubernetes = (kubeconfig: string, image: string | undefined): World => {
  const file = resolve(kubeconfig)
  if (!existsSync(file)) throw new Error(`there is no kubeconfig ${file}`)
  return {
    flags: ['--engine', 'kubernetes', '--kubeconfig', file],
    bringImages: () => Promise.resolve({ tools: image ?? PUBLIC_TOOLS, hello: Promise.resolve(image ? undefined : HELLO), remove: nothing }),
    toTry: [`KUBECONFIG=${file} kubectl get jobs,deployments,pods,services`],
  }
}
