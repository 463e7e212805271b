import { buffer } from 'node:stream/consumers'
import tar from 'tar-stream'

/** A file (with `text`) or a folder to put into a container before it starts. Owned by root. */
export interface FileEntry {
  readonly path: string
  readonly mode: number
  readonly text?: string
}

/** The entries as a tar to unpack at `/`. Folders above a file are made by the engine, so that those that exist keep their rights. */
export async function fileArchive(entries: readonly FileEntry[]): Promise<Buffer> {
  const pack = tar.pack()
  const mtime = new Date(0)
  for (const { path, mode, text } of entries) {
    const name = path.replace(/^\/+/, '')
    if (text === undefined) pack.entry({ name: `${name.replace(/\/+$/, '')}/`, type: 'directory', mode, mtime })
    else pack.entry({ name, mode, mtime }, Buffer.from(text))
  }
  pack.finalize()
  return buffer(pack)
}
