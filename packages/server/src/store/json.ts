/** What a jsonb column is written with. PostgreSQL's text cannot hold NUL, JSON's can: it is kept as the escape that shows it. */
export const json = (value: unknown): string => JSON.stringify(value).replaceAll('\\u0000', '\\ufffd')
