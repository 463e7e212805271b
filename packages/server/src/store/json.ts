/** What JSON can hold and jsonb cannot: NUL, and halves of surrogate pairs. Escaped backslashes are matched first, so that text which only looks like an escape is kept. */
const UNSTORABLE = /\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g

/** What a jsonb column is written with. Characters that PostgreSQL cannot hold become the one that stands for such. */
export const json = (value: unknown): string => JSON.stringify(value).replace(UNSTORABLE, (found) => (found === '\\\\' ? found : '\\ufffd'))
