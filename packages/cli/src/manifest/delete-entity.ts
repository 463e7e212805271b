import type { Kind } from '#run/kinds.ts'
import { resolveRun, type Scope } from '#run/run-ref.ts'
import { resolveSecret } from '#run/secret-ref.ts'

type Delete = (scope: Scope, name: string, options: { readonly cascade: boolean }) => Promise<void>

/** How each kind is deleted by its name. */
export const DELETERS = {
  run: async (scope, name) => {
    const { id } = await resolveRun(scope, name)
    await scope.client.runs.delete(scope.project, id, { signal: scope.signal })
  },
  function: async ({ client, project, signal }, name) => {
    await client.functions.latest(project, name, { signal }) // deleting what is not there is an error here
    await client.functions.deleteAll(project, name, { signal })
  },
  project: async ({ client, signal }, name, { cascade }) => client.projects.delete(name, { cascade, signal }),
  task: async ({ client, project, signal }, id) => client.tasks.delete(project, id, { signal }),
  secret: async (scope, name) => {
    const { id } = await resolveSecret(scope, name)
    await scope.client.secrets.delete(scope.project, id, { signal: scope.signal })
  },
} as const satisfies Record<Kind, Delete>

/** What goes with it, for the question before. */
export const CONSEQUENCES = {
  run: 'its logs and volumes',
  function: 'all its versions, tasks and runs',
  project: 'all that is in it',
  task: 'its runs',
  secret: 'its value',
} as const satisfies Record<Kind, string>
