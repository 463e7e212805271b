/** A statement of the little shell: a command, or an endless loop. `unlessFailed`: joined by && to the one before. */
export type Statement = { readonly words: readonly string[]; readonly unlessFailed: boolean } | { readonly loop: readonly Statement[] }

const LOOP = /^while\s+(?:true|:)\s*[;\n]\s*do\s+(.*?)[;\n]\s*done/s

/** Reads a script of commands joined by `;`, line ends and `&&`, with quotes, and `while true; do …; done`. */
export function parseScript(script: string): readonly Statement[] {
  const statements: Statement[] = []
  let rest = script
  let unlessFailed = false
  while (rest.trim() !== '') {
    rest = rest.trimStart()
    const [whole, body] = rest.match(LOOP) ?? []
    if (whole !== undefined && body !== undefined) {
      statements.push({ loop: parseScript(body) })
      rest = rest.slice(whole.length).replace(/^\s*[;\n]/, '')
      continue
    }
    const { text, joint, after } = nextCommand(rest)
    if (text.trim() !== '') statements.push({ words: splitWords(text), unlessFailed })
    unlessFailed = joint === '&&'
    rest = after
  }
  return statements
}

/** Up to the next joint outside quotes. */
function nextCommand(text: string): { text: string; joint: string; after: string } {
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote) quote = char === quote ? '' : quote
    else if (char === "'" || char === '"') quote = char
    else if (char === ';' || char === '\n') return { text: text.slice(0, at), joint: char, after: text.slice(at + 1) }
    else if (text.startsWith('&&', at)) return { text: text.slice(0, at), joint: '&&', after: text.slice(at + 2) }
  }
  return { text, joint: '', after: '' }
}

/** Words keep their quotes until they are expanded, because single quotes forbid it. */
const splitWords = (text: string): readonly string[] => text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []

/** A word's value: variables put in (not inside single quotes), quotes taken away. */
export function expand(word: string, variable: (name: string) => string): string {
  const parts = word.match(/'[^']*'|"[^"]*"|[^'"]+/g) ?? []
  const fill = (text: string): string =>
    text.replaceAll(/\$(?:\{(\w+)\}|(\w+|\$|\?))/g, (_, braced: string | undefined, plain: string) => variable(braced ?? plain))
  return parts.map((part) => (part.startsWith("'") ? part.slice(1, -1) : part.startsWith('"') ? fill(part.slice(1, -1)) : fill(part))).join('')
}
