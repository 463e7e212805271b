import type { User } from 'davit/contract'
import type { View } from '#runner/table.ts'
import { ageOf } from './age.ts'

export const userView: View<User> = {
  kind: 'User',
  nameOf: ({ name }) => name,
  columns: [
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'KIND', cell: ({ kind }) => kind },
    { header: 'ADMIN', cell: ({ admin }) => (admin ? 'yes' : 'no') },
    { header: 'PASSWORD', cell: ({ has_password: has }) => (has ? 'yes' : 'no') },
    { header: 'PROVIDER', wide: true, cell: ({ provider }) => provider ?? '' },
    { header: 'LAST SEEN', cell: ({ last_seen: seen }, { now }) => (seen === undefined ? 'never' : `${ageOf(seen, now)} ago`) },
    { header: 'AGE', cell: ({ created }, { now }) => ageOf(created, now) },
  ],
}
