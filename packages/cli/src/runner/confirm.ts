import { DavitError } from 'davit/contract'
import { invalid } from './invalid.ts'
import type { Io } from './io.ts'

/** Asks before what cannot be undone. Without a terminal nobody can answer: `--yes` or exit code 2. Throws `aborted` on a no. */
export const confirm = async (io: Io, question: string, yes: boolean): Promise<void> => {
  if (yes) return
  if (!io.stdin.isTTY || !io.stderr.isTTY) throw invalid(`${question} Nobody is there to answer`, { hint: 'add --yes' })
  const answer = await io.ask(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new DavitError('aborted', 'not confirmed; nothing was changed')
}
