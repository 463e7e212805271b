import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import type { TestCluster } from './cluster.ts'
import type { UserRequest } from './users.ts'

const View = z.looseObject({ users: z.array(z.looseObject({ name: z.string(), user: z.looseObject({}) })) })

/** A cluster of the user's (kind, say), by a kubeconfig of an administrator. Uses the kubectl on the PATH. Users are impersonated. */
export const givenCluster = async (kubeconfig: string): Promise<TestCluster> => {
  const folder = await mkdtemp(join(tmpdir(), 'davit-given-cluster-'))
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const running = promisify(execFile)('kubectl', [`--kubeconfig=${kubeconfig}`, ...args], { maxBuffer: 512 * 1024 * 1024 })
    running.child.stdin?.on('error', () => undefined).end(input ?? '')
    return (await running).stdout
  }
  let made = 0
  const userKubeconfig = async ({ user, groups = [] }: UserRequest): Promise<string> => {
    const view = View.parse(JSON.parse(await kubectl(['config', 'view', '--raw', '--flatten', '--minify', '-o', 'json'])))
    const users = view.users.map((each) => ({ ...each, user: { ...each.user, as: user, 'as-groups': groups } }))
    const file = join(folder, `${++made}.kubeconfig`)
    await writeFile(file, JSON.stringify({ ...view, users }), { mode: 0o600 })
    return file
  }
  return { name: 'given', kubeconfig, kubectl, userKubeconfig, close: () => rm(folder, { recursive: true, force: true }) }
}
