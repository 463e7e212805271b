const SHORT = 8

/** The shortest prefix by which each of these ids can be told from the others, 8 characters at least. */
export const shortIds = (ids: readonly string[]): ((id: string) => string) => {
  const sorted = [...new Set(ids)].sort()
  const common = (a: string, b: string | undefined): number => {
    let length = 0
    while (b !== undefined && length < a.length && a[length] === b[length]) length++
    return length
  }
  const lengths = new Map(sorted.map((id, index) => [id, Math.max(SHORT, common(id, sorted[index - 1]) + 1, common(id, sorted[index + 1]) + 1)]))
  return (id) => id.slice(0, lengths.get(id) ?? SHORT)
}

export const shortId = (id: string): string => id.slice(0, SHORT)
