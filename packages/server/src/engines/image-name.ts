/** An image reference, taken apart by the grammar that Docker, Podman and Kubernetes share. */
export interface ImageName {
  /** Registry and path as written, without tag and digest. */
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

const DOMAIN_PART = /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::\d+)?$/
const IPV6_DOMAIN = /^\[[a-fA-F0-9:]+\](?::\d+)?$/
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^sha256:[a-f0-9]{64}$/
const IMAGE_ID = /^[a-f0-9]{64}$/

/** The parts of an image reference, or what is wrong with it as one sentence. */
export function parseImageName(text: string): ImageName | string {
  const [, rest = '', digest] = text.match(/^([^@]*)(?:@(.*))?$/s) ?? []
  if (digest !== undefined && !DIGEST.test(digest)) return `the digest of "${text}" must be sha256: and 64 hexadecimal digits`
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  const repository = colon < 0 ? rest : rest.slice(0, colon)
  const tag = colon < 0 ? undefined : rest.slice(colon + 1)
  if (tag !== undefined && !TAG.test(tag)) return `the tag of "${text}" must be 1 to 128 letters, digits, "_", "." or "-", and not begin with "." or "-"`
  const problem = repositoryProblem(repository)
  return problem === undefined ? { repository, tag, digest } : `"${text}" ${problem}`
}

function repositoryProblem(repository: string): string | undefined {
  if (repository === '') return 'names no image'
  if (repository.length > 255) return 'is longer than 255 characters'
  if (IMAGE_ID.test(repository)) return 'is a bare image id: write a name, or name@sha256:…'
  const parts = repository.split('/')
  const [first = ''] = parts
  const hasDomain = parts.length > 1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  if (hasDomain && !DOMAIN_PART.test(first) && !IPV6_DOMAIN.test(first)) return `has no valid registry host: "${first}"`
  const path = hasDomain ? parts.slice(1) : parts
  const bad = path.find((part) => !PATH_PART.test(part))
  if (bad === undefined) return undefined
  return `is not a valid image name: "${bad}" must be lower-case letters and digits, separated by ".", "_", "__" or "-"`
}

/** What to ask the engine for: a digest wins over a tag, and without both it is `latest` (else an engine would fetch every tag). */
export const pullTarget = ({ repository, tag, digest }: ImageName): { readonly fromImage: string; readonly tag: string } =>
  digest !== undefined ? { fromImage: repository, tag: digest } : { fromImage: repository, tag: tag ?? 'latest' }
