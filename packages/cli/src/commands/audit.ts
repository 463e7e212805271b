import type { AuditEntry } from 'davit/contract'
import { command } from '#runner/command.ts'
import { invalid } from '#runner/invalid.ts'
import { flag, integer, parseDuration, text } from '#runner/option.ts'
import type { View } from '#runner/table.ts'

const MOST = 1000

const auditView: View<AuditEntry> = {
  kind: 'AuditEntry',
  nameOf: ({ id }) => String(id),
  columns: [
    { header: 'WHEN', cell: ({ at }) => at.slice(0, 19).replace('T', ' ') },
    { header: 'WHO', cell: ({ user }) => user },
    { header: 'WHAT', cell: ({ verb }) => verb },
    { header: 'PROJECT', cell: ({ project }) => project ?? '' },
    { header: 'WHICH', cell: ({ entity, entity_id: id }) => `${entity} ${id}` },
    { header: 'FROM', cell: ({ address }) => address ?? '' },
    { header: 'PROOF', wide: true, cell: ({ proof, token }) => [proof, token].filter(Boolean).join(' ') },
    { header: 'REQUEST', wide: true, cell: ({ request_id: id }) => id ?? '' },
    { header: 'DETAIL', wide: true, cell: ({ detail }) => JSON.stringify(detail) },
  ],
}

/** `2h` ago, or an ISO time. */
const timeOf = (given: string): string => {
  const ms = parseDuration(given)
  const time = ms === undefined ? Date.parse(given) : Date.now() - ms
  if (Number.isNaN(time)) throw invalid(`--since must be a duration such as 2h, or a time such as 2026-01-31T12:00:00Z, not "${given}"`)
  return new Date(time).toISOString()
}

export const audit = command({
  name: 'audit',
  group: 'people',
  summary: 'Who did what, when and from where: in the project, or everywhere; newest first',
  options: {
    all: flag('-a, --all', 'The whole server; administrators only'),
    user: text('-u, --user <name>', 'Only what this user did'),
    verb: text('--verb <verb>', 'Only this verb, or all of a noun: run.stop, run'),
    entity: text('--entity <id>', 'Only what happened to this'),
    token: text('--token <id>', 'Only what was done with this personal token, or with logins by it'),
    since: text('--since <time>', 'Only from then on: 2h, 7d, or an ISO time'),
    limit: integer('-n, --limit <count>', 'At most so many (default 50)', { min: 1, max: MOST }),
  },
  examples: ['davit audit -p vision', 'davit audit --all --verb login --since 1d', 'davit audit --user ann -o json', 'davit audit --all --token 4f1c2d'],
  run: async ({ input, client, project, signal, out }) => {
    const { all, user, verb, entity, token, since, limit = 50 } = input
    const filters = { ...(!all && { project }), user, verb, entity, token, since: since === undefined ? undefined : timeOf(since), size: limit }
    const { items } = await client.audit.list(filters, { signal })
    await out.list(auditView, items, 'Nothing was done.')
  },
})
