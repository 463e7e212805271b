/**
 * Compares resource versions: numbers that grow with each change in a cluster, which the API promises for its own kinds since 1.35
 * and has always kept. Undefined: not comparable, since one of them is none.
 */
export function compareVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (a === b) return a === undefined ? undefined : 0
  const [x, y] = [Number(a), Number(b)]
  return Number.isSafeInteger(x) && Number.isSafeInteger(y) ? x - y : undefined
}

/** Whether `news` says nothing new about what is known as `known`. What cannot be compared counts as new. */
export const isOldNews = (news: string | undefined, known: string | undefined): boolean => {
  const order = compareVersions(news, known)
  return order !== undefined && order <= 0
}
