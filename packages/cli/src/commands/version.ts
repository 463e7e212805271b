import { engineText } from '#doctor/server-checks.ts'
import { localCommand } from '#runner/command.ts'
import type { View } from '#runner/table.ts'

interface Versions {
  readonly client: string
  readonly server: string | null
  readonly engine: string | null
}
const versionView: View<Versions> = {
  kind: 'Version',
  nameOf: ({ client }) => client,
  columns: [
    { header: 'CLIENT', cell: ({ client }) => client },
    { header: 'SERVER', cell: ({ server }) => server ?? 'does not answer' },
    { header: 'ENGINE', cell: ({ engine }) => engine ?? '' },
  ],
}
const PATIENCE_MS = 3000

export const version = localCommand({
  name: 'version',
  group: 'server',
  summary: 'Versions of this CLI and of the server',
  run: async ({ out, connect, signal, version: client }) => {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const info = await (await connect()).server.info({ signal: soon }).catch(() => undefined)
    if (signal.aborted) throw signal.reason
    await out.one(versionView, {
      client,
      server: info?.version ?? null,
      engine: info ? engineText(info.engine) : null,
    })
  },
})
