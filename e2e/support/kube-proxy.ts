import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiProxy, apiProxy, type SeenRequest } from '../../packages/server/src/engines/kubernetes/client/testing/api-proxy.ts'
import { kubeconfigOf } from '../../packages/server/src/engines/kubernetes/client/testing/workbench.ts'
import type { KubeWorld } from './kube-world.ts'

export interface KubeProxy extends ApiProxy {
  /** For a server that reaches the cluster through the proxy, in the world's namespace. */
  readonly kubeconfig: string
  /** Holds the first call of that moment, does `act` and breaks the connection. Settles when `act` is done. */
  once(moment: KubeMoment, act: () => Promise<unknown>): Promise<void>
}

/** One moment of what passes between a server and its cluster. */
export interface KubeMoment {
  /** Before the API server hears of a call, or when it has done it and its caller does not know yet. */
  readonly when: 'before' | 'after'
  /** Fits `PATCH /apis/batch/v1/…?…`. */
  readonly call: RegExp
  /** Which of the calls that fit, from 1. Default: the first. */
  readonly nth?: number
}

const fits = ({ call, nth = 1 }: KubeMoment) => {
  let times = 0
  return ({ method, url }: SeenRequest): boolean => call.test(`${method} ${url}`) && ++times === nth
}

/** A proxy in front of the world's API server that speaks as its user. */
export async function kubeProxy(world: KubeWorld): Promise<KubeProxy> {
  const proxy = await apiProxy(await world.upstream())
  const folder = await mkdtemp(join(tmpdir(), 'davit-kube-proxy-'))
  const kubeconfig = join(folder, 'config')
  await writeFile(kubeconfig, kubeconfigOf(proxy.url).replace('namespace: default', `namespace: ${world.namespace}`), { mode: 0o600 })
  return {
    ...proxy,
    kubeconfig,
    once: (moment, act) =>
      new Promise((resolve, reject) => {
        proxy.inject({ match: fits(moment), times: 1, fault: { hold: moment.when, act: () => act().then(() => resolve(), reject) } })
      }),
    close: async () => {
      await proxy.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
