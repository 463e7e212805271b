/** What hooks open one by one and tests use: asked for a part that is not there yet, it throws. */
export const opened = <T extends object>(parts: Partial<T>): T =>
  new Proxy(parts, {
    get: (all, name) => {
      const part: unknown = Reflect.get(all, name)
      if (part === undefined) throw new Error(`${String(name)} is not open yet: use it inside tests and hooks`)
      return part
    },
  }) as T // a part that is missing throws
