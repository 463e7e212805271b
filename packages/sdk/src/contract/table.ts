/** A table's keys with their own type; at least one, as zod's enums want. Tables are literals: they have no other keys. */
export const keysOf = <T extends object>(table: T): [keyof T & string, ...(keyof T & string)[]] =>
  Object.keys(table) as [keyof T & string, ...(keyof T & string)[]]

/** Whether a text is a key of a table; not one of `Object.prototype`. */
export const isKeyOf = <T extends object>(table: T, text: string): text is keyof T & string => Object.hasOwn(table, text)

/** Whether a list of literals holds a value of a wider type. */
export const isOneOf = <T>(list: readonly T[], value: unknown): value is T => list.some((item) => item === value)
