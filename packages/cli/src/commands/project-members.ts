import { command } from '#runner/command.ts'
import { memberView } from '#views/member-view.ts'

export const projectMembers = command({
  name: 'project members',
  group: 'people',
  summary: 'List the members of a project and their roles',
  run: async ({ client, project, signal, out }) => out.list(memberView, await client.members.list(project, { signal }), `Project ${project} has no members.`),
})
