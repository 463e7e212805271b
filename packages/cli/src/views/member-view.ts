import type { Member } from 'davit/contract'
import type { View } from '#runner/table.ts'
import { ageOf } from './age.ts'

export const memberView: View<Member> = {
  kind: 'Member',
  nameOf: ({ user }) => user,
  columns: [
    { header: 'USER', cell: ({ user }) => user },
    { header: 'ROLE', cell: ({ role }) => role },
    { header: 'BY', cell: ({ granted_by: by }) => by },
    { header: 'AGE', cell: ({ created }, { now }) => ageOf(created, now) },
  ],
}
