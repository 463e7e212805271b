import type { KeyRotation } from 'davit/contract'
import { command } from '#runner/command.ts'
import { confirm } from '#runner/confirm.ts'
import { flag } from '#runner/option.ts'
import type { View } from '#runner/table.ts'

const rotationView: View<KeyRotation> = {
  kind: 'KeyRotation',
  nameOf: ({ key_id: id }) => id,
  columns: [
    { header: 'KEY', cell: ({ key_id: id }) => id },
    { header: 'NEW', cell: ({ renewed }) => (renewed ? 'yes' : 'no') },
    { header: 'SECRETS', cell: ({ secrets }) => String(secrets) },
    { header: 'SIGNING KEY', cell: ({ signing_key_id: id }) => id },
  ],
}

export const adminRotateKeys = command({
  name: 'admin rotate-keys',
  group: 'server',
  summary: 'Put all secrets under a new key, and sign tokens with a new one; logins stay good',
  options: { yes: flag('-y, --yes', 'Do not ask') },
  run: async ({ input, io, client, signal, out }) => {
    await confirm(io, 'Put all secrets of the server under a new key?', input.yes)
    const done = await client.admin.rotateKeys({ signal })
    await out.one(rotationView, done)
    if (!done.renewed) await out.say('The server does not keep its keys itself: it took the first of those that it is given now.')
    else await out.say('The old key stays in the key file, for backups of the database that were made before.')
  },
})
