import { createHash } from 'node:crypto'

const MAX_LABEL = 63

/** Any text as a DNS label of at most 63 characters. What had to be cut, or held more than letters, digits and `. _ -`, ends with a hash of the whole; names that differ only in case and in these marks share a label. */
export const dnsLabel = (text: string): string => {
  const clean =
    text
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'x'
  if (clean.length <= MAX_LABEL && clean === text) return clean
  if (clean.length <= MAX_LABEL - 9 && /^[a-z0-9._-]+$/i.test(text)) return clean
  return `${clean.slice(0, MAX_LABEL - 9).replace(/-+$/, '')}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
}

/** The engine object of a run's attempt: the same in every server, at every try. */
export const workloadName = (run: { id: string; action: string }, attempt: number): string => dnsLabel(`davit-${run.action}-${run.id}-${attempt}`)
