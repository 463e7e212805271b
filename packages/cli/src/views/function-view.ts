import type { ContainerFunction } from 'davit/contract'
import type { View } from '#runner/table.ts'
import { ageOf } from './age.ts'

const words = (value: string | readonly string[] | undefined): string => (value === undefined ? '' : typeof value === 'string' ? value : value.join(' '))

export const functionView: View<ContainerFunction> = {
  kind: 'Function',
  nameOf: ({ name }) => name,
  columns: [
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'KIND', cell: ({ kind }) => kind },
    { header: 'IMAGE', cell: ({ spec }) => spec.image ?? spec.base_image ?? '' },
    { header: 'COMMAND', cell: ({ spec }) => [words(spec.entrypoint), words(spec.command), words(spec.args)].filter(Boolean).join(' ') },
    { header: 'AGE', cell: ({ metadata }, { now }) => ageOf(metadata.created, now) },
    { header: 'VERSION', cell: ({ id }) => id.slice(0, 8) },
    { header: 'ID', wide: true, cell: ({ id }) => id },
    { header: 'CREATED', wide: true, cell: ({ metadata }) => metadata.created ?? '' },
  ],
}
