const NEWLINE = 10
const MANAGED = Buffer.from('"managedFields":[')
const END_OF_METADATA = Buffer.from(']},"')
const MORE_METADATA = Buffer.from('],"')

/**
 * An object's JSON without the list of who manages which of its fields: a third to a half of it, which nobody reads here, and
 * parsing is most of the work with an event. Quotes within JSON's strings are escaped and that list has no other list in it, so the
 * first `]},"` behind its beginning is its end. As it is, where that is not so.
 */
export function withoutManagedFields(json: Buffer): string {
  const start = json.indexOf(MANAGED)
  const end = start < 0 ? -1 : json.indexOf(END_OF_METADATA, start)
  if (end < 0) return json.toString('utf8')
  const more = json.indexOf(MORE_METADATA, start)
  if (more >= 0 && more < end) return json.toString('utf8')
  return `${json.toString('utf8', 0, start + MANAGED.length)}${json.toString('utf8', end)}`
}

/** Cuts a stream of bytes into the values of its lines. A line is decoded once, however many pieces it came in. */
export function jsonLines(take: (value: unknown) => void): { push(chunk: Uint8Array): void; readonly partial: boolean } {
  let rest: Uint8Array[] = []
  const parse = (bytes: Buffer): void => {
    if (bytes.length > 0) take(JSON.parse(withoutManagedFields(bytes)))
  }
  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      let start = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        const line = bytes.subarray(start, end)
        start = end + 1
        if (rest.length === 0) parse(line)
        else {
          const whole = Buffer.concat([...rest, line])
          rest = []
          parse(whole)
        }
      }
      if (start < bytes.length) rest.push(bytes.subarray(start))
    },
    /** Whether the stream stands within a line. */
    get partial() {
      return rest.length > 0
    },
  }
}
