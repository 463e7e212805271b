import type { Project } from 'davit/contract'
import type { View } from '#runner/table.ts'
import { ageOf } from './age.ts'

export const projectView: View<Project> = {
  kind: 'Project',
  nameOf: ({ name }) => name,
  columns: [
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'STATE', cell: ({ status }) => status.state },
    { header: 'AGE', cell: ({ metadata }, { now }) => ageOf(metadata.created, now) },
    { header: 'DESCRIPTION', cell: ({ metadata }) => metadata.description ?? '' },
    { header: 'CREATED', wide: true, cell: ({ metadata }) => metadata.created ?? '' },
  ],
}
