import { command } from '#runner/command.ts'
import { projectView } from '#views/project-view.ts'

export const projects = command({
  name: 'projects',
  group: 'look',
  summary: 'List projects',
  run: async ({ client, out, signal }) =>
    out.list(projectView, await client.projects.list({ size: 1000 }, { signal }).all(), 'No projects yet; `davit run` makes one.'),
})
