import { actionOfTaskKind, parseFunctionRef, type Task } from 'davit/contract'
import type { View } from '#runner/table.ts'
import { ageOf } from './age.ts'

export const taskView: View<Task> = {
  kind: 'Task',
  nameOf: ({ id }) => id,
  columns: [
    { header: 'TASK', cell: ({ id }) => id.slice(0, 8) },
    { header: 'ACTION', cell: ({ kind }) => actionOfTaskKind(kind) ?? kind },
    { header: 'FUNCTION', cell: ({ spec }) => parseFunctionRef(spec.function)?.name ?? spec.function },
    { header: 'AGE', cell: ({ metadata }, { now }) => ageOf(metadata.created, now) },
    { header: 'ID', wide: true, cell: ({ id }) => id },
  ],
}
