import type { Secret } from 'davit/contract'
import type { View } from '#runner/table.ts'
import { ageOf } from './age.ts'

/** Secrets without their values: those are never shown. */
export const secretView: View<Secret> = {
  kind: 'Secret',
  nameOf: ({ name }) => name,
  columns: [
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'AGE', cell: ({ metadata }, { now }) => ageOf(metadata.created, now) },
    { header: 'ID', wide: true, cell: ({ id }) => id },
  ],
}
