const NEWLINE = Buffer.from('\n')
/** Docker passes longer lines on in pieces of this size. */
const PIECE = 16_384

interface Line {
  readonly stamp: string
  /** It came in pieces, and none of them ended with a line end. */
  readonly isOpen: boolean
}

/**
 * Docker's `local` log loses the line end of every line that it kept in pieces. All pieces of a line have one stamp, so the next piece
 * of the stream tells: with another stamp, the line had ended. Only for the very last line nothing follows that could tell.
 */
export function cutLines() {
  const lines = new Map<number, Line>()
  return {
    /** A piece as it was written: with the line end before it that is missing. */
    mend({ stream, stamp, piece }: { readonly stream: number; readonly stamp: string; readonly piece: Buffer }): readonly Buffer[] {
      const before = lines.get(stream)
      const sameLine = before?.isOpen === true && before.stamp === stamp
      const isOpen = piece.at(-1) !== NEWLINE[0] && (sameLine || piece.length >= PIECE)
      lines.set(stream, { stamp, isOpen })
      return before?.isOpen && !sameLine ? [NEWLINE, piece] : [piece]
    },
    unsure: (): readonly number[] => [...lines].filter(([, { isOpen }]) => isOpen).map(([stream]) => stream),
  }
}
