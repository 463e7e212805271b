export interface Narrator {
  /** A line of progress, with the seconds since the start. */
  say(line: string): void
  /** Begins a chapter of the story. */
  chapter(title: string): void
  /** Lines as they are, indented: logs, pages, evidence. */
  quote(text: string): void
  /** Says every few seconds that something still goes on, until it ends. */
  during<T>(what: string, work: Promise<T>): Promise<T>
}

const REMIND_MS = 5_000

/** Tells on one stream what happens, one line at a time and the same with or without a terminal. */
export const narrator = (write: (text: string) => void, now: () => number = () => performance.now()): Narrator => {
  const startedAt = now()
  const say = (line: string) => write(`${((now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)
  return {
    say,
    chapter: (title) => write(`\n── ${title}\n`),
    quote: (text) => {
      for (const line of text.trimEnd().split('\n')) write(`          │ ${line}\n`)
    },
    during: async (what, work) => {
      const timer = setInterval(() => say(`… still ${what}`), REMIND_MS)
      try {
        return await work
      } finally {
        clearInterval(timer)
      }
    },
  }
}
