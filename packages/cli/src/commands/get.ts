import { type Kind, KIND_WORDS, parseKind } from '#run/kinds.ts'
import { resolveRun } from '#run/run-ref.ts'
import { resolveSecret } from '#run/secret-ref.ts'
import { command, type Context, optional, required } from '#runner/command.ts'
import { functionView } from '#views/function-view.ts'
import { projectView } from '#views/project-view.ts'
import { runView } from '#views/run-view.ts'
import { secretView } from '#views/secret-view.ts'
import { taskView } from '#views/task-view.ts'

type Get = (context: Context<{ readonly kind: string; readonly name: string | undefined }>) => Promise<void>
const PAGE = { size: 1000 } as const

const GETTERS = {
  run: async (context) => {
    const { client, project, signal, out, input } = context
    if (input.name !== undefined) return out.one(runView, await resolveRun(context, input.name))
    return out.list(runView, await client.runs.list(project, PAGE, { signal }).all(), 'No runs.')
  },
  function: async ({ client, project, signal, out, input: { name } }) =>
    name !== undefined
      ? out.one(functionView, await client.functions.latest(project, name, { signal }))
      : out.list(functionView, await client.functions.list(project, PAGE, { signal }).all(), 'No functions.'),
  project: async ({ client, signal, out, input: { name } }) =>
    name !== undefined
      ? out.one(projectView, await client.projects.get(name, { signal }))
      : out.list(projectView, await client.projects.list(PAGE, { signal }).all(), 'No projects.'),
  task: async ({ client, project, signal, out, input: { name } }) =>
    name !== undefined
      ? out.one(taskView, await client.tasks.get(project, name, { signal }))
      : out.list(taskView, await client.tasks.list(project, PAGE, { signal }).all(), 'No tasks.'),
  secret: async (context) => {
    const { client, project, signal, out, input } = context
    if (input.name !== undefined) return out.one(secretView, await resolveSecret(context, input.name))
    return out.list(secretView, await client.secrets.list(project, PAGE, { signal }).all(), 'No secrets.')
  },
} as const satisfies Record<Kind, Get>

export const get = command({
  name: 'get',
  group: 'look',
  summary: 'Read entities of a kind, or one of them',
  args: { kind: required(`What: ${KIND_WORDS.join(', ')}`, KIND_WORDS), name: optional('Which', 'run') },
  examples: ['davit get functions', 'davit get function hello-world -o yaml', 'davit get run @latest -o json'],
  run: (context) => GETTERS[parseKind(context.input.kind)](context),
})
