import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { SERVICE_ACCOUNT_DIR } from './in-cluster.ts'

const Payload = z.looseObject({ sub: z.string() })

/** The name of the service account that this process is in its pod, as its token says. Undefined: it is in none. */
export async function ownAccount(dir: string = SERVICE_ACCOUNT_DIR): Promise<string | undefined> {
  const token = await readFile(join(dir, 'token'), 'utf8').catch(() => '')
  try {
    const { sub } = Payload.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))
    return sub.match(/^system:serviceaccount:[^:]+:([^:]+)$/)?.[1]
  } catch {
    return undefined // not a token of a service account
  }
}
