import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { describe, expect, test } from 'vitest'
import { WATCHED } from '../objects.ts'
import { namespacePermissions, requiredPermissions } from './permissions.ts'

interface Document {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly roleRef?: { readonly kind: string; readonly name: string }
  readonly rules?: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[]
}

const ROOT = join(import.meta.dirname, '../../../../../..')
const documents: readonly Document[] = parseAllDocuments(readFileSync(join(ROOT, 'deploy/rbac.yaml'), 'utf8')).map((document) => document.toJS())
const ofKind = (kind: string): Document | undefined => documents.find((document) => document.kind === kind)

type Permissions = Readonly<Record<string, readonly string[]>>
const sorted = (permissions: Permissions): Permissions => Object.fromEntries(Object.entries(permissions).map(([name, verbs]) => [name, verbs.toSorted()]))

const granted = (kind: string): Permissions => {
  const rules = ofKind(kind)?.rules ?? []
  return sorted(
    Object.fromEntries(rules.map(({ apiGroups, resources, verbs }) => [[...apiGroups, ...resources].filter((part) => part !== '').join('/'), verbs])),
  )
}

describe('deploy/rbac.yaml', () => {
  test('grants exactly what is needed in one namespace', () => {
    expect(granted('Role')).toEqual(sorted(requiredPermissions))
  })

  test('grants exactly what is needed in the namespaces of projects', () => {
    expect(granted('ClusterRole')).toEqual(sorted({ ...requiredPermissions, ...namespacePermissions }))
  })

  test('binds each role to the one account', () => {
    expect(ofKind('RoleBinding')?.roleRef).toMatchObject({ kind: 'Role', name: ofKind('Role')?.metadata.name })
    expect(ofKind('ClusterRoleBinding')?.roleRef).toMatchObject({ kind: 'ClusterRole', name: ofKind('ClusterRole')?.metadata.name })
    expect(documents.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'])
  })
})

test('all that is watched may be listed and watched', () => {
  const all: Permissions = requiredPermissions
  for (const { resource, apiVersion } of Object.values(WATCHED)) {
    const name = [...apiVersion.split('/').slice(0, -1), resource].join('/')
    expect(all[name]).toEqual(expect.arrayContaining(['list', 'watch']))
  }
})

test('secrets can be neither listed nor watched', () => {
  expect(requiredPermissions.secrets).toEqual(['create', 'patch', 'delete', 'deletecollection'])
})
