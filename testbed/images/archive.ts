import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import tar from 'tar-stream'

export interface ArchiveEntry {
  readonly name: string
  /** Octal rights. Default: 0644 for files, 0755 for folders. */
  readonly mode?: number
  /** File content. Neither `body` nor `linkname`: a folder. */
  readonly body?: Buffer | string
  /** Makes it a symbolic link. */
  readonly linkname?: string
}

/** A tar that is the same, byte for byte, whenever it is made from the same entries. */
export async function tarOf(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const pack = tar.pack()
  const mtime = new Date(0)
  for (const { name, mode, body, linkname } of entries) {
    if (linkname !== undefined) pack.entry({ name, type: 'symlink', linkname, mode: 0o777, mtime })
    else if (body === undefined) pack.entry({ name, type: 'directory', mode: mode ?? 0o755, mtime })
    else pack.entry({ name, mode: mode ?? 0o644, mtime }, body)
  }
  pack.finalize()
  return buffer(pack)
}

/** The part of an image's config that tests care about; names are Docker's. */
export interface ImageSettings {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
  readonly StopSignal?: string
}

export interface TestImage {
  /** What to run: `localhost/…:tag`, which means the same to Docker and to Podman. */
  readonly name: string
  /** `sha256:…`, known before the image is loaded anywhere. */
  readonly id: string
  /** A docker-archive, as `docker save` writes it. */
  readonly tar: Buffer
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex')
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** One layer and its settings as a docker-archive, the one form that both `docker load` ≤ 20.10 and Podman take. */
export async function dockerArchive(name: string, layer: Buffer, settings: ImageSettings): Promise<TestImage> {
  const config = JSON.stringify({
    created: '1970-01-01T00:00:00Z',
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], ...settings },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'davit testbed' }],
  })
  const id = sha256(config)
  const manifest = JSON.stringify([{ Config: `${id}.json`, RepoTags: [name], Layers: ['layer.tar'] }])
  const entries = [
    { name: `${id}.json`, body: config },
    { name: 'layer.tar', body: layer },
    { name: 'manifest.json', body: manifest },
  ]
  return { name, id: `sha256:${id}`, tar: await tarOf(entries) }
}
