import type { Account } from 'davit/contract'
import { command } from '#runner/command.ts'
import type { View } from '#runner/table.ts'

const PROOFS: Readonly<Record<Account['proof'], string>> = {
  none: 'the server asks nobody',
  password: 'password',
  token: 'access token',
  session: 'login',
  browser: 'browser',
  provider: 'identity provider',
}

const limitsOf = ({ scope }: Account): string =>
  [...(scope?.projects ? [`projects ${scope.projects.join(' ')}`] : []), ...(scope?.verbs ? [`verbs ${scope.verbs.join(' ')}`] : [])].join(', ')

const accountView: View<Account> = {
  kind: 'Account',
  nameOf: ({ name }) => name,
  columns: [
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'ADMIN', cell: ({ admin }) => (admin ? 'yes' : 'no') },
    {
      header: 'PROJECTS',
      cell: ({ memberships }) =>
        Object.entries(memberships)
          .map(([project, role]) => `${project}:${role}`)
          .join(' '),
    },
    { header: 'BY', cell: ({ proof }) => PROOFS[proof] },
    { header: 'LIMITED TO', cell: limitsOf },
    { header: 'UNTIL', cell: ({ expires }) => expires ?? '' },
  ],
}

export const whoami = command({
  name: 'whoami',
  group: 'people',
  summary: 'Who you are to the server, and what that opens',
  run: async ({ client, signal, out }) => out.one(accountView, await client.account.get({ signal })),
})
