const LABEL_PART = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** What is wrong with a text, and what is allowed. Undefined: nothing. */
export type Rule = (text: string) => string | undefined

const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text)

/** Names of most objects. */
export const objectName: Rule = (text) =>
  text.length <= 253 && SUBDOMAIN.test(text)
    ? undefined
    : `is ${shown(text)}: a name on Kubernetes has at most 253 lower-case letters, digits, "-" and ".", and begins and ends with a letter or digit`

/** Keys of labels, selectors, tolerations and annotations: `name` or `domain/name`. */
export const qualifiedName: Rule = (text) => {
  const parts = text.split('/')
  const [prefix, name] = parts.length === 1 ? [undefined, text] : [parts[0] ?? '', parts.slice(1).join('/')]
  if (prefix !== undefined && (prefix.length > 253 || !SUBDOMAIN.test(prefix)))
    return `${shown(text)} is not a key: before "/" must stand a domain name in lower case, such as example.com/`
  return name.length <= 63 && LABEL_PART.test(name)
    ? undefined
    : `${shown(text)} is not a key: it has 1 to 63 letters, digits, "-", "_" and ".", begins and ends with a letter or digit, and may have a domain and "/" before it`
}

export const labelText: Rule = (text) =>
  text === '' || (text.length <= 63 && LABEL_PART.test(text))
    ? undefined
    : `is ${shown(text)}: a label's value is empty or has at most 63 letters, digits, "-", "_" and ".", and begins and ends with a letter or digit`

/** A file's name inside a volume. */
export const fileName: Rule = (text) =>
  text !== '' && text !== '.' && !text.startsWith('..') && !/[/\0]/.test(text) && Buffer.byteLength(text) <= 255
    ? undefined
    : `${shown(text)} is not a file name: it has 1 to 255 bytes, no "/", and does not begin with ".."`
