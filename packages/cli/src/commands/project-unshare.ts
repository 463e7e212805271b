import { command, some } from '#runner/command.ts'

export const projectUnshare = command({
  name: 'project unshare',
  group: 'people',
  summary: 'Take users out of a project',
  args: { users: some('Names of users') },
  run: async ({ input: { users }, client, project, signal, out }) => {
    for (const user of users) {
      await client.members.remove(project, user, { signal })
      await out.say(`${user} is no member of project ${project} any more`)
    }
  },
})
