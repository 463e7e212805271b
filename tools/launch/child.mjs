import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { delimiter, dirname, join } from 'node:path'
import { root } from './ground.mjs'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** On a terminal Ctrl-C reaches us twice: from the terminal, and forwarded by npm. Two of a kind within this time are one wish. */
const SAME_WISH_MS = 400

/** How long what a tool left in its process group may take to clean up after itself, before it is killed. */
const SWEEP_MS = 20_000

/** Calls `forward` once per wish of the user. Returns how to stop listening. */
const relaySignals = (forward) => {
  const lastAt = new Map()
  const onSignal = (signal) => {
    const now = performance.now()
    const repeated = now - (lastAt.get(signal) ?? -Infinity) < SAME_WISH_MS
    lastAt.set(signal, now)
    if (!repeated) forward(signal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

/** Sends to a process group; false when nobody is left in it. Signal 0 only asks. */
const signalGroup = (pid, signal) => {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** A tool that crashed may have left children: they are ended, so that a launch leaves no process behind. */
const sweepGroup = async (pid) => {
  if (!signalGroup(pid, 'SIGTERM')) return
  const deadline = performance.now() + SWEEP_MS
  while (signalGroup(pid, 0) && performance.now() < deadline) await sleep(50)
  signalGroup(pid, 'SIGKILL')
}

/**
 * Runs a tool to its end: `{ code, signal }`. The tool leads a process group of its own, so that a Ctrl-C reaches it only through
 * us, exactly once; the IPC channel closes when we die, even of SIGKILL (tools/lifeline.ts listens for it).
 */
export const runTool = async (command, args, { cwd }) => {
  const path = [dirname(command), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const child = spawn(command, args, { cwd, env: { ...process.env, PATH: path }, stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: true })
  const stopRelaying = relaySignals((signal) => child.kill(signal))
  const end = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  await sweepGroup(child.pid)
  stopRelaying()
  return end
}
