import { randomBytes } from 'node:crypto'
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises'
import { DavitError } from 'davit/contract'

const HEX = /^[0-9a-f]{64}$/

/** The key that encrypts secrets: read from its file, made there the first time. 64 hex digits, readable by its owner only. */
export async function secretsKey(file: string): Promise<Buffer> {
  const fresh = `${file}.${process.pid}`
  try {
    await writeFile(fresh, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
    await link(fresh, file) // of two at once exactly one wins
    await chmod(file, 0o600)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
      throw new DavitError('unavailable', `the key file ${file} cannot be made: ${String(error)}`, { cause: error })
  } finally {
    await rm(fresh, { force: true })
  }
  const text = (await readFile(file, 'utf8')).trim()
  if (!HEX.test(text))
    throw new DavitError('invalid', `the key file ${file} does not hold 64 hex digits`, {
      hint: 'restore it from your backup: without it the stored secrets cannot be read',
    })
  return Buffer.from(text, 'hex')
}
