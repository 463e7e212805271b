type KnownKeys<T> = keyof { [K in keyof T as string extends K ? never : number extends K ? never : K]: T[K] }

/**
 * What a caller may write: the contract's type without the open end that keeps unknown fields of other clients, so that a
 * mistyped field is a type error. Objects that name no field at all (maps, affinity, metadata of others) stay open.
 */
export type Known<T> = T extends readonly (infer Item)[]
  ? readonly Known<Item>[]
  : T extends object
    ? [KnownKeys<T>] extends [never]
      ? T
      : { [K in keyof T as string extends K ? never : number extends K ? never : K]: K extends 'metadata' | 'extensions' ? T[K] : Known<T[K]> }
    : T
