import type { Colors } from './colors.ts'
import type { Sink } from './io.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const
const CLEAR = '\r\u001b[K'
const FRAME_MS = 100

/** One line at the bottom of a terminal that moves while something is awaited. Other output goes through `aside`, which makes room for it. */
export const spinner = ({ sink, enabled, colors }: { sink: Sink; enabled: boolean; colors: Colors }) => {
  let text: string | undefined
  let frame = 0
  let timer: NodeJS.Timeout | undefined
  let drawn = false
  const draw = (): void => {
    if (text === undefined) return
    frame = (frame + 1) % FRAMES.length
    drawn = true
    void sink.write(`${CLEAR}${colors.cyan(FRAMES[frame] ?? '')} ${text.slice(0, (sink.columns ?? 80) - 3)}`)
  }
  const clear = async (): Promise<void> => {
    if (!drawn) return
    drawn = false
    await sink.write(CLEAR)
  }
  return {
    show: (next: string | undefined): void => {
      if (!enabled) return
      text = next?.replaceAll(/\s+/g, ' ')
      if (text !== undefined && !timer) timer = setInterval(draw, FRAME_MS).unref()
      if (text !== undefined) return
      clearInterval(timer)
      timer = undefined
      void clear()
    },
    aside: async (write: () => Promise<void>): Promise<void> => {
      await clear()
      await write()
    },
  }
}
