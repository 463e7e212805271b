import * as z from 'zod'
import { keysOf } from './table.ts'

/** What was accepted but is not honoured, or not known: said on the entity, never dropped in silence. */
export const NOTE_CODES = {
  'unknown-field': 'a field that Davit does not know; kept, without effect',
  'not-honoured': 'a field that this engine cannot honour',
  'not-for-action': 'a field that has no meaning for this action',
  'name-lost': 'a further name of the service leads to a newer run now',
  'log-truncated': 'the beginning of the log is no longer stored',
  'log-lost': 'a container was removed before its log could be stored',
  replaced: 'a container was replaced after somebody else removed it',
  edited: 'somebody changed what belongs to the run outside Davit; told for as long as it is so',
} as const satisfies Record<string, string>
export type NoteCode = keyof typeof NOTE_CODES

export const Note = z.looseObject({ code: z.enum(keysOf(NOTE_CODES)), path: z.string().optional(), message: z.string() }).meta({ id: 'Note' })
export type Note = z.infer<typeof Note>
