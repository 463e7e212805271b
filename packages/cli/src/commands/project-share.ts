import { PROJECT_ROLES } from 'davit/contract'
import { command, some } from '#runner/command.ts'
import { choice } from '#runner/option.ts'

export const projectShare = command({
  name: 'project share',
  group: 'people',
  summary: 'Let users into a project, or change their role there',
  args: { users: some('Names of users') },
  options: { role: choice('--role <role>', PROJECT_ROLES, 'What they may: look, create and run, or everything. Default editor') },
  examples: ['davit project share bob -p vision', 'davit project share bob carol --role viewer -p vision'],
  run: async ({ input: { users, role = 'editor' }, client, project, signal, out }) => {
    for (const user of users) {
      await client.members.put(project, { user, role }, { signal })
      await out.say(`${user} is ${role} of project ${project}`)
    }
  },
})
