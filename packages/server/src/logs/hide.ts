const SHOWN = '[secret]'
/** Shorter values are in every text by chance. */
const LEAST = 4

/** How many characters at the end of `secret` are the beginning of `line`. */
const overlap = (secret: string, line: string): number => {
  for (let length = Math.min(secret.length, line.length); length >= LEAST; length--) if (line.startsWith(secret.slice(-length))) return length
  return 0
}

/**
 * Takes the values of secrets out of lines of text. Lines hold no line breaks, so of a value of several lines each is taken out by itself. Of a line whose
 * beginning was cut off (`cut`), a value's end at that edge is taken out too.
 */
export const hiding = (secrets: readonly string[]): ((line: string, cut?: boolean) => string) => {
  const values = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]).filter((text) => text.trim().length >= LEAST)
  // A value that holds another must go first, or half of it would stay.
  const hidden = [...new Set(values)].sort((a, b) => b.length - a.length)
  return (line, cut = false) => {
    const half = cut ? Math.max(0, ...hidden.map((secret) => overlap(secret, line))) : 0
    const whole = half > 0 ? SHOWN + line.slice(half) : line
    return hidden.reduce((text, secret) => text.replaceAll(secret, SHOWN), whole)
  }
}
