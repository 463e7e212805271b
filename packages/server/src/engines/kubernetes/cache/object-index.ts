import type { KubeObject } from '../objects.ts'
import { runOf } from './shape.ts'

export const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`

/** Objects of a kind by name and by run. `runs` maps the uids of all kinds to their runs, and is kept up to date here. */
export function objectIndex<T extends KubeObject>(runs: Map<string, string>) {
  const byKey = new Map<string, T>()
  const byRun = new Map<string, readonly T[]>()

  function remove(key: string, object: T): void {
    byKey.delete(key)
    const run = runOf(object)
    if (object.metadata.uid !== undefined) runs.delete(object.metadata.uid)
    if (run === undefined) return
    const rest = (byRun.get(run) ?? []).filter((each) => each !== object)
    if (rest.length > 0) byRun.set(run, rest)
    else byRun.delete(run)
  }
  /** The usual change: the same object of the same run, newer. */
  function renew(key: string, object: T, before: T): boolean {
    const run = runOf(object)
    const others = run === undefined ? undefined : byRun.get(run)
    if (run === undefined || !others || runOf(before) !== run || before.metadata.uid !== object.metadata.uid) return false
    byKey.set(key, object)
    byRun.set(run, others.length === 1 ? [object] : others.map((each) => (each === before ? object : each)))
    return true
  }
  return {
    byKey: byKey as ReadonlyMap<string, T>,
    of: (run: string): readonly T[] => byRun.get(run) ?? [],
    remove,
    set(key: string, object: T): void {
      const before = byKey.get(key)
      if (before && renew(key, object, before)) return
      if (before) remove(key, before)
      byKey.set(key, object)
      const run = runOf(object)
      if (run === undefined) return
      byRun.set(run, [...(byRun.get(run) ?? []), object])
      if (object.metadata.uid !== undefined) runs.set(object.metadata.uid, run)
    },
  }
}
