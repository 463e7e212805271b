import { command } from '#runner/command.ts'
import { secretView } from '#views/secret-view.ts'

export const secretLs = command({
  name: 'secret ls',
  group: 'look',
  summary: 'List secrets, without their values',
  run: async ({ client, project, signal, out }) =>
    out.list(secretView, await client.secrets.list(project, { size: 1000 }, { signal }).all(), `No secrets in project ${project}.`),
})
