import { identify, isAlive, type ProcessIdentity } from './process-identity.ts'
import { waitUntil } from './wait-until.ts'

/** Sends a signal to exactly this process. False: it is gone already, or not ours. */
export const signalProcess = (target: ProcessIdentity, signal: NodeJS.Signals): boolean => {
  if (!isAlive(target)) return false
  try {
    return process.kill(target.pid, signal)
  } catch {
    return false
  }
}

/** One signal and how long to wait, in milliseconds, before the next. */
export type Stage = readonly [signal: NodeJS.Signals, patience: number]

/** Signals in the given order until the process is gone. True: it is. */
export const stopProcess = async (pid: number, stages: readonly Stage[]): Promise<boolean> => {
  const target = identify(pid)
  if (target === undefined) return true
  for (const [signal, patience] of stages) {
    signalProcess(target, signal)
    if (await waitUntil(() => !isAlive(target), { timeout: patience, every: 10 })) return true
  }
  return !isAlive(target)
}
