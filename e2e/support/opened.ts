/** What a hook opens and tests use: throws when it is asked for before that. */
export const opened = <T>(thing: T | undefined): T => {
  if (thing === undefined) throw new Error('it is not open yet: use it inside tests and hooks')
  return thing
}
