import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Check } from '#doctor/check.ts'
import { checkEngineSockets } from '#doctor/engine-sockets.ts'
import { checkDisk, checkNode } from '#doctor/local-checks.ts'
import { checkServer } from '#doctor/server-checks.ts'
import { localCommand } from '#runner/command.ts'
import { text } from '#runner/option.ts'
import type { View } from '#runner/table.ts'

const PAINT = { ok: 'green', warn: 'yellow', fail: 'red' } as const
const PATIENCE_MS = 5000

const checkView: View<Check> = {
  kind: 'Check',
  nameOf: ({ check, result }) => `${check} ${result}`,
  columns: [
    { header: 'RESULT', cell: ({ result }, { colors }) => colors[PAINT[result]](result) },
    { header: 'CHECK', cell: ({ check }) => check },
    { header: 'DETAIL', cell: ({ detail }) => detail },
    { header: 'FIX', cell: ({ fix }) => fix ?? '' },
  ],
}

export const doctor = localCommand({
  name: 'doctor',
  group: 'server',
  summary: 'Look whether all is well here and at the server; exit code 1 if not',
  options: { data: text('--data <dir>', 'The data folder of the server, to look at its disk') },
  run: async ({ input, out, io, settings, connect, signal, version }) => {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const server = await checkServer(await connect(), { settings, version, signal: soon })
    if (signal.aborted) throw signal.reason
    const folder = input.data === undefined ? (io.env['HOME'] ?? homedir()) : resolve(io.cwd, input.data)
    const checks = [checkNode(process.versions.node), ...server.checks, ...(server.reached ? [] : [await checkEngineSockets(io.env)]), await checkDisk(folder)]
    await out.list(checkView, checks)
    return checks.some(({ result }) => result === 'fail') ? 1 : 0
  },
})
