import type { KeyRotation } from 'davit/contract'
import { keyPlace } from '#auth/signing-keys.ts'
import type { SecretRow } from '#store/secrets.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'

const BATCH = 200

export const keyRotationService = ({ store, secretBox, keyRing, rotateSigning }: ServiceDeps) => {
  const move = async ({ id, project, name, sealed }: SecretRow): Promise<boolean> => {
    const moved = sealed && secretBox.rewrap(project, name, sealed)
    return moved ? store.secrets.reseal(id, sealed, moved) : false
  }

  const moveSecrets = async (): Promise<number> => {
    let count = 0
    for (let after = ''; ; ) {
      const rows = await store.secrets.sealedAfter(after, BATCH)
      const last = rows.at(-1)
      if (!last) return count
      for (const row of rows) if (await move(row)) count++
      after = last.id
    }
  }

  const moveSigningKeys = async (): Promise<number> => {
    let count = 0
    for (const { kid, sealed } of await store.signingKeys.list()) {
      const moved = secretBox.rewrap(...keyPlace(kid), sealed)
      if (moved && (await store.signingKeys.reseal(kid, sealed, moved))) count++
    }
    return count
  }

  const rotate = async (caller: Caller): Promise<KeyRotation> => {
    const renewed = await keyRing.renew()
    if (!renewed) await keyRing.reload()
    const answer = {
      key_id: keyRing.active.id,
      renewed,
      secrets: await moveSecrets(),
      signing_keys: await moveSigningKeys(),
      signing_key_id: await rotateSigning(),
    }
    await store.audit.write({ by: caller, verb: 'key.rotate', project: '', entity: 'key', entityId: answer.key_id, detail: answer })
    return answer
  }

  let rotating: Promise<KeyRotation> | undefined
  return {
    /**
     * A new key for secrets, where we keep the keys (else the newest that we are given), and everything under it; a new key for tokens.
     * Who asks while one is under way gets that one's answer. Cut anywhere and begun again it goes on: old keys stay where they are, also for backups of the database.
     */
    async rotate(caller: Caller): Promise<KeyRotation> {
      assertMay(caller, 'key.rotate')
      rotating ??= rotate(caller).finally(() => {
        rotating = undefined
      })
      return rotating
    },
  }
}
