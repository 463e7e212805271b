import type { PersonalToken } from 'davit/contract'
import type { View } from '#runner/table.ts'
import { ageOf } from './age.ts'

/** Access tokens without their secrets. */
export const tokenView: View<PersonalToken> = {
  kind: 'Token',
  nameOf: ({ id }) => id,
  columns: [
    { header: 'ID', cell: ({ id }) => id },
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'USER', wide: true, cell: ({ user }) => user },
    { header: 'BEGINS', wide: true, cell: ({ hint }) => hint },
    { header: 'PROJECTS', cell: ({ projects }) => projects?.join(' ') ?? 'all' },
    { header: 'VERBS', cell: ({ verbs }) => verbs?.join(' ') ?? 'all' },
    { header: 'EXPIRES', cell: ({ expires }) => expires?.slice(0, 10) ?? 'never' },
    { header: 'LAST USED', cell: ({ last_used: used }, { now }) => (used === undefined ? 'never' : `${ageOf(used, now)} ago`) },
    { header: 'FROM', wide: true, cell: ({ last_address: address }) => address ?? '' },
  ],
}
