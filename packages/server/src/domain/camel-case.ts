type Tree = Readonly<Record<string, unknown>>

/** A map whose keys are the user's: labels are called what they are called. */
const OF_THE_USER = 'matchLabels'

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

export const camelCase = (word: string): string => word.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const inner = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inner)
  return isTree(value) ? inCamelCase(value) : value
}

/** An object of Kubernetes in its own spelling, at every depth: official clients write theirs in snake_case. */
export const inCamelCase = (tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree).map(([key, value]) => {
      const name = camelCase(key)
      return [name, name === OF_THE_USER ? value : inner(value)]
    }),
  )
