/** One STOMP frame: a command, headers, a body. */
export interface StompFrame {
  readonly command: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\r': '\r', '\\c': ':', '\\\\': '\\' }
const unescaped = (text: string): string => text.replace(/\\[nrc\\]/g, (escape) => ESCAPES[escape] ?? escape)
const escaped = (text: string): string => text.replace(/[\\\n\r:]/g, (character) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r' })[character] ?? '\\c')

/** CONNECT and CONNECTED are written without escapes, as STOMP 1.0 knew none. */
const isPlain = (command: string): boolean => command === 'CONNECT' || command === 'CONNECTED'

const headersOf = (lines: readonly string[], plain: boolean): Record<string, string> => {
  const headers = Object.create(null) as Record<string, string>
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1)].map((text) => (plain ? text : unescaped(text)))
    // The first of several headers of one name counts.
    if (name !== undefined && !(name in headers)) headers[name] = value ?? ''
  }
  return headers
}

/** The frames in one WebSocket message; line ends alone are heart-beats. Undefined: it is no STOMP. */
export const parseFrames = (message: string): readonly StompFrame[] | undefined => {
  const frames: StompFrame[] = []
  for (const piece of message.split('\0')) {
    const text = piece.replace(/^[\r\n]+/, '')
    if (text === '') continue
    const end = text.search(/\r?\n\r?\n/)
    if (end === -1) return undefined
    const [command = '', ...lines] = text.slice(0, end).split(/\r?\n/)
    if (!/^[A-Z]+$/.test(command)) return undefined
    frames.push({ command, headers: headersOf(lines, isPlain(command)), body: text.slice(end).replace(/^\r?\n\r?\n/, '') })
  }
  return frames
}

export const HEART_BEAT = '\n'

export const formatFrame = (command: string, headers: Readonly<Record<string, string>>, body = ''): string => {
  const write = isPlain(command) ? (text: string): string => text : escaped
  const lines = Object.entries(headers).map(([name, value]) => `${write(name)}:${write(value)}\n`)
  return `${command}\n${lines.join('')}\n${body}\0`
}

const VERSIONS = ['1.2', '1.1', '1.0'] as const

/** The newest version that both sides speak; a client that names none speaks 1.0. Undefined: none. */
export const agreedVersion = (accepted = '1.0'): string | undefined => VERSIONS.find((version) => accepted.split(',').includes(version))

/** Timers count no further: what is later would be now. Ms, a day. */
const SLOWEST = 86_400_000

/** What both sides promise and want: `[we send every, we expect every]` in ms, 0 for never. Header: `<client sends>,<client wants>`. */
export const agreedHeartBeat = (header: string | undefined, ours: number): { readonly send: number; readonly expect: number } => {
  const [sends = 0, wants = 0] = (header ?? '').split(',').map((part) => Math.min(Number.parseInt(part, 10) || 0, SLOWEST))
  return { send: wants > 0 ? Math.max(wants, ours) : 0, expect: sends > 0 ? Math.max(sends, ours) : 0 }
}
