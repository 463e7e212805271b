import { invalid } from '#runner/invalid.ts'
import type { Io } from '#runner/io.ts'

/** A new password: asked for twice on a terminal, else a line of stdin. Never an argument, which everybody who lists processes sees. */
export const newPassword = async (io: Io, user: string): Promise<string> => {
  if (!io.stdin.isTTY) return (await io.stdin.text()).replace(/\r?\n$/, '')
  const password = await io.ask(`New password of ${user}: `, { hidden: true })
  if ((await io.ask('The same again: ', { hidden: true })) !== password) throw invalid('these were two different passwords')
  return password
}
