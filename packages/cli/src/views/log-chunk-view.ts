import type { LogChunk } from 'davit/contract'
import type { View } from '#runner/table.ts'

/** A piece of a log for programs; people get its bytes. */
export const logChunkView: View<LogChunk & { readonly kind: string }> = { kind: 'LogChunk', nameOf: ({ container }) => container, columns: [] }
