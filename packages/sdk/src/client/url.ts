import { DavitError } from '#contract/error.ts'

export type QueryValue = string | number | boolean | undefined | readonly (string | number)[]

const segment = (path: string, name: string, value: string | undefined): string => {
  // An empty or dotted segment would silently address another resource.
  if (!value || value === '.' || value === '..')
    throw new DavitError('invalid', `${name} must not be ${JSON.stringify(value ?? '')} in ${path}`, { path: name })
  return encodeURIComponent(value)
}

/** `/api/v1/-/:project/runs/:id` with its parts put in, each encoded. */
export const fillPath = (path: string, params: Readonly<Record<string, string>>): string =>
  path.replaceAll(/:([a-z]+)/gi, (_, name: string) => segment(path, name, params[name]))

/** `?a=1&b=2`, lists repeated, undefined left out; empty text when nothing remains. */
export const queryText = (query: Readonly<Record<string, QueryValue>> = {}): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) search.append(name, String(one))
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
