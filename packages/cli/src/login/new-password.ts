import { invalid } from '#runner/invalid.ts'
import type { Io } from '#runner/io.ts'

/** A new password: asked for twice on a terminal, else a line of stdin. Never an argument, which everybody who lists processes sees. */
export const newPassword = async (io: Io, user: string): Promise<string> => {
  if (!io.stdin.isTTY) return (await io.stdin.text()).replace(/\r?\n$/, '')
  const password = await io.ask(`New password of ${user}: `, { hidden: true })
  if ((await io.ask('The same again: ', { hidden: true })) !== password) throw invalid('these were two different passwords')
  return password
}

/** What it takes to change a password: of one's own the current one too, from stdin as the first of two lines. */
export const passwordChange = async (io: Io, user: string, { own }: { readonly own: boolean }): Promise<{ password: string; current?: string }> => {
  if (!own) return { password: await newPassword(io, user) }
  if (io.stdin.isTTY) {
    const current = await io.ask('Your password now (nothing if you have none): ', { hidden: true })
    return { current, password: await newPassword(io, user) }
  }
  const [first = '', second] = (await newPassword(io, user)).split(/\r?\n/)
  return second === undefined ? { password: first } : { current: first, password: second }
}
