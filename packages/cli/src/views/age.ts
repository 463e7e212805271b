const STEPS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const

/** Milliseconds in the largest unit that gives 2 or more: `95s` is `95s`, three hours are `3h`. */
export const formatDuration = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [unit, size] = STEPS.find(([, size]) => seconds >= size * 2) ?? ['s', 1]
  return `${Math.floor(seconds / size)}${unit}`
}

/** How long ago an ISO time was. A clock that is behind the server's gives `0s`; no time at all, nothing. */
export const ageOf = (time: string | undefined, now: number): string => {
  const at = Date.parse(time ?? '')
  return Number.isNaN(at) ? '' : formatDuration(now - at)
}
