import { DavitError, duplicated, MOST_SECRETS, notFound, type Secret, type SecretCreate, type SecretData } from 'davit/contract'
import type { AuditEntry } from '#store/audit.ts'
import type { CommonFilters, Paging } from '#store/list.ts'
import type { Repos } from '#store/store.ts'
import { assertMay, type Caller } from './access.ts'
import { changedNames } from './audit-diff.ts'
import type { ServiceDeps } from './deps.ts'
import { assertSameProject, holdProject, noSuchProject } from './projects.ts'
import { learnKeys } from './secret-box.ts'
import { describedBy, toSecret } from './wire.ts'

const noSuchSecret = (project: string, id: string) => notFound('secret', `Project ${project} has no secret ${id}.`)

/** A row for each, so that the audit of one secret shows all that was done with its value. */
async function recordNames(audit: Repos['audit'], act: Pick<AuditEntry, 'by' | 'verb' | 'project'>, names: readonly string[]): Promise<void> {
  for (const name of names) await audit.write({ ...act, entity: 'secret', entityId: name })
}

/** Values of those names that have one. For the reconciler, on behalf of runs that were accepted. */
export const secretValues =
  ({ store, secretBox, keyRing }: Pick<ServiceDeps, 'store' | 'secretBox' | 'keyRing'>) =>
  async (project: string, names: readonly string[]): Promise<Record<string, string>> => {
    const rows = await store.secrets.named(project, names)
    await learnKeys(
      { keyRing, secretBox },
      rows.flatMap(({ sealed }) => sealed ?? []),
    )
    const values = rows.flatMap(({ name, sealed }) => (sealed ? [[name, secretBox.open(project, name, sealed)] as const] : []))
    // Without a prototype: a secret may be called constructor, and one without a value must be missing all the same.
    return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(values))
  }

export const secretService = ({ store, newId, secretBox, keyRing }: ServiceDeps) => ({
  /** Also by name: SDK ≤ 0.14 asks so for a secret's versions. */
  async list(caller: Caller, project: string, paging: Paging, filters: CommonFilters = {}) {
    assertMay(caller, 'secret.list', project)
    if (!(await store.projects.find(project))) throw noSuchProject(project)
    const { rows, total } = await store.secrets.list(project, paging, filters)
    return { content: rows.map(toSecret), total }
  },

  async create(caller: Caller, project: string, input: SecretCreate): Promise<Secret> {
    assertMay(caller, 'secret.write', project)
    assertSameProject(input.project, project)
    const id = input.id ?? newId()
    return store.transact(async (inside) => {
      await holdProject(inside, project)
      const row = await inside.secrets.insert({
        id,
        name: input.name,
        project,
        user: caller.name,
        metadata: describedBy(input.metadata),
        spec: input.spec ?? {},
      })
      if (!row) throw duplicated('secret', input.name)
      await inside.audit.write({
        by: caller,
        verb: 'secret.create',
        project,
        entity: 'secret',
        entityId: id,
        detail: { name: input.name },
      })
      return toSecret(row)
    })
  },

  async get(caller: Caller, project: string, id: string): Promise<Secret> {
    assertMay(caller, 'secret.list', project)
    const row = await store.secrets.find(project, id)
    if (!row) throw noSuchSecret(project, id)
    return toSecret(row)
  },

  /** What describes a secret. Its name is where its value is; a body under another name is refused. */
  async update(caller: Caller, project: string, { id, input }: { id: string; input: SecretCreate }): Promise<Secret> {
    assertMay(caller, 'secret.write', project)
    assertSameProject(input.project, project)
    return store.transact(async (inside) => {
      const old = await inside.secrets.find(project, id)
      if (!old) throw noSuchSecret(project, id)
      if (input.name !== old.name) throw new DavitError('invalid', `name must be ${old.name}: a secret cannot be renamed`, { path: 'name' })
      const row = await inside.secrets.describe(project, id, { user: caller.name, metadata: describedBy(input.metadata ?? old.metadata) })
      const detail = { name: old.name, changed: changedNames(old.metadata, row?.metadata ?? old.metadata) }
      await inside.audit.write({ by: caller, verb: 'secret.update', project, entity: 'secret', entityId: id, detail })
      return toSecret(row ?? old)
    })
  },

  async delete(caller: Caller, project: string, id: string): Promise<void> {
    assertMay(caller, 'secret.write', project)
    await store.transact(async (inside) => {
      const [deleted] = await inside.secrets.delete(project, { id })
      if (!deleted) throw noSuchSecret(project, id)
      await inside.audit.write({
        by: caller,
        verb: 'secret.delete',
        project,
        entity: 'secret',
        entityId: id,
        detail: { name: deleted.name },
      })
    })
  },

  /** Names without a value are left out. What is told is in the audit first. */
  async readData(caller: Caller, project: string, names: readonly string[]): Promise<SecretData> {
    assertMay(caller, 'secret.read', project)
    if (names.length > MOST_SECRETS) throw new DavitError('invalid', `keys must name at most ${MOST_SECRETS} secrets`, { path: 'keys' })
    const values = await secretValues({ store, secretBox, keyRing })(project, names)
    await recordNames(store.audit, { by: caller, verb: 'secret.read', project }, Object.keys(values))
    return values
  },

  /** All or nothing: every name must have been declared. */
  async writeData(caller: Caller, project: string, data: SecretData): Promise<void> {
    assertMay(caller, 'secret.write', project)
    await store.transact(async (inside) => {
      const missing: string[] = []
      for (const [name, value] of Object.entries(data))
        if (!(await inside.secrets.setSealed(project, name, secretBox.seal(project, name, value)))) missing.push(name)
      if (missing.length > 0)
        throw new DavitError('invalid', `missing secrets for ${missing.join(', ')}`, { hint: `declare them first: POST /api/v1/-/${project}/secrets` })
      await recordNames(inside.audit, { by: caller, verb: 'secret.set', project }, Object.keys(data))
    })
  },
})
