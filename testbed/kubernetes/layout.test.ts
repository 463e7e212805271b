import { expect, test } from 'vitest'
import { componentCommand, componentsOf } from './component-commands.ts'
import { checkName, clusterPaths, nodePaths } from './layout.ts'

const cluster = clusterPaths('a')
const programs = { kubernetes: '/k', etcd: '/e', containerd: '/c', kwok: '/w', debian: '/d' }

test('a name for a cluster is short and plain, so that its sockets fit', () => {
  for (const name of ['a', 'run-1', 'x'.repeat(32)]) expect(checkName(name)).toBe(name)
  for (const name of ['', '-a', 'a-', 'A', 'a/b', '..', 'x'.repeat(33)]) expect(() => checkName(name)).toThrow('not a name')
  expect(nodePaths(clusterPaths('x'.repeat(32)), 3).socket.length).toBeLessThan(100)
})

test('nodes of different clusters share no cgroup', () => {
  const names = ['a', 'b'].flatMap((name) => [0, 1].map((index) => nodePaths(clusterPaths(name), index).cgroup))
  expect(new Set(names).size).toBe(4)
})

test('the first node has the control plane, the others only what runs pods, and without real nodes nothing does', () => {
  const settings = { name: 'a', nodes: 2, fakeNodes: 0, registry: true }
  const control = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  expect(componentsOf(settings, 0)).toEqual([...control, 'containerd', 'kubelet', 'kube-proxy', 'dns', 'registry'])
  expect(componentsOf(settings, 1)).toEqual(['containerd', 'kubelet', 'kube-proxy'])
  expect(componentsOf({ ...settings, nodes: 0, fakeNodes: 9, registry: false }, 0)).toEqual([...control, 'kwok'])
})

test('a component is started by the same command line every time', () => {
  const input = { settings: { name: 'a', nodes: 1, fakeNodes: 0, registry: false }, cluster, node: nodePaths(cluster, 0), index: 0, programs }
  expect(componentCommand('kube-apiserver', input)).toEqual(componentCommand('kube-apiserver', input))
  expect(componentCommand('kube-apiserver', input)).toContain('--authorization-mode=Node,RBAC')
})
