/** A line of a stream. `whole` is false for text after the last newline: then the sender may not have finished it. */
export interface Line {
  readonly text: string
  readonly whole: boolean
}

async function* texts(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield decoder.decode(step.value, { stream: true })
    yield decoder.decode()
  } finally {
    // Also when the reader of the lines leaves early: the connection must not stay open. What cancel says is of no use then.
    await reader.cancel().catch(() => undefined)
  }
}

/** The non-empty lines of a byte stream, whatever the pieces are in which it arrives. Linear in the length of a line. */
export async function* splitLines(body: ReadableStream<Uint8Array>): AsyncGenerator<Line, void> {
  let begun: string[] = []
  for await (const text of texts(body)) {
    const [first = '', ...rest] = text.split('\n')
    begun.push(first)
    const last = rest.pop()
    if (last === undefined) continue
    for (const line of [begun.join(''), ...rest]) if (line.trim() !== '') yield { text: line, whole: true }
    begun = [last]
  }
  const left = begun.join('')
  if (left.trim() !== '') yield { text: left, whole: false }
}
