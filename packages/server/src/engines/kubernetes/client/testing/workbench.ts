import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type ApiProxy, apiProxy } from './api-proxy.ts'
import { type FakeApi, fakeApi } from './fake-api.ts'

/** A kubeconfig of one cluster, one user, one context `test`. */
export const kubeconfigOf = (server: string, user: object = {}, cluster: object = {}): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'tester', user }],
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'tester', namespace: 'default' } }],
    'current-context': 'test',
  })

export interface Workbench extends AsyncDisposable {
  readonly dir: string
  readonly api: FakeApi
  readonly proxy: ApiProxy
  /** Writes a file into the folder; gives its path. */
  write(name: string, content: string, mode?: number): Promise<string>
  /** A kubeconfig for the proxy. */
  kubeconfig(user?: object): Promise<string>
}

/** A fake API server with a proxy in front, and a folder for kubeconfigs. */
export async function workbench(): Promise<Workbench> {
  const dir = await mkdtemp(join(tmpdir(), 'davit-kube-'))
  const api = await fakeApi()
  const proxy = await apiProxy({ url: api.url })
  const write = async (name: string, content: string, mode = 0o600): Promise<string> => {
    const path = join(dir, name)
    await writeFile(path, content, { mode })
    return path
  }
  return {
    dir,
    api,
    proxy,
    write,
    kubeconfig: (user = {}) => write('config', kubeconfigOf(proxy.url, user)),
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await api.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
