export interface LineOptions {
  /** In UTF-16 units; of longer lines the end is shown. Default: 300. */
  readonly maxLength?: number
  /** Takes out what must not be seen, before anything is cut off. `cut`: the line's own beginning is no longer there. */
  readonly hide?: (line: string, cut: boolean) => string
}

/** Keeps the last bytes that went by: enough for the last lines of a log, however long it is. */
export const tailBuffer = (maxBytes: number) => {
  let kept: Buffer = Buffer.alloc(0)
  let cut = false
  return {
    push(bytes: Uint8Array): void {
      cut ||= kept.length + bytes.length > maxBytes
      kept = Buffer.concat([kept, bytes]).subarray(-maxBytes)
    },
    /** The last lines as text, each cut to a length a person can read; control characters are shown as such. */
    lines(count: number, { maxLength = 300, hide = (line) => line }: LineOptions = {}): readonly string[] {
      const lines = kept
        .toString('utf8')
        .split(/\r?\n/)
        .map((line, index) => hide(line, cut && index === 0))
        .filter((line) => line.trim() !== '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are replaced
      return lines.slice(-count).map((line) =>
        line
          .slice(-maxLength)
          .toWellFormed()
          .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd'),
      )
    },
  }
}

/** Where the last `count` lines begin, as a byte offset. A last line without a newline counts as a line. */
export const newestLines = (bytes: Buffer, count: number): number => {
  if (count === 0) return bytes.length
  let at = bytes.at(-1) === 10 ? bytes.length - 1 : bytes.length
  for (let left = count; left > 0; left--) {
    at = at === 0 ? -1 : bytes.lastIndexOf(10, at - 1)
    if (at < 0) return 0
  }
  return at + 1
}
