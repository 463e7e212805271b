import type { VerdictCode } from 'davit/contract'
import type { Refusal } from '#domain/engine.ts'

interface Rule {
  readonly pattern: RegExp
  readonly code: VerdictCode
}

/** What a create or start says, most telling first. */
const START_RULES: readonly Rule[] = [
  { pattern: /port is already allocated|address already in use|ports? (?:are|is) not available/i, code: 'node-port-taken' },
  { pattern: /no space left on device|disk quota exceeded/i, code: 'disk-full' },
  { pattern: /no command specified|no command or entrypoint/i, code: 'command-not-found' },
  {
    pattern: /chdir to cwd|working directory|mkdir .*not a directory|device driver|unable to find user|no matching entries in (?:passwd|group)/i,
    code: 'config-refused',
  },
  {
    pattern: /exec(?:ve)?\b.*(?:permission denied|exec format error|is a directory)|(?:permission denied|exec format error|is a directory).*exec/is,
    code: 'command-not-executable',
  },
  {
    pattern: /executable file .*not found|exec(?:ve)?\b.*no such file or directory|starting container process caused.*no such file/is,
    code: 'command-not-found',
  },
]

/** What a pull says. Docker Hub answers "access denied" for what does not exist, so that wording means "not there, or private". */
const PULL_RULES: readonly Rule[] = [
  { pattern: /no space left on device|disk quota exceeded/i, code: 'disk-full' },
  // A registry that asks for a login before it says anything.
  { pattern: /no basic auth/i, code: 'image-access-denied' },
  { pattern: /repository does not exist|may require|requested access to the resource is denied/i, code: 'image-not-found' },
  {
    pattern: /manifest unknown|manifest for .* not found|name unknown|no matching manifest|repository .* not found|not found: manifest/i,
    code: 'image-not-found',
  },
  { pattern: /unauthorized|denied|authentication required|no basic auth|forbidden|\b40[13]\b/i, code: 'image-access-denied' },
  { pattern: /invalid reference|invalid (?:tag|repository)|repository name must/i, code: 'image-bad-name' },
  {
    pattern:
      /dial tcp|dial unix|no such host|lookup |i\/o timeout|connection (?:refused|reset)|timeout|deadline exceeded|TLS|x509|EOF|unreachable|too ?many ?requests|\b(?:429|50\d)\b|proxyconnect|pinging container registry/i,
    code: 'image-registry-unreachable',
  },
  { pattern: /not found|does not exist|no such image/i, code: 'image-not-found' },
]

/** What the words of a failed start mean, whichever engine passes on those of the runtime. Undefined: nobody knows. */
export const startCode = (words: string): VerdictCode | undefined => START_RULES.find(({ pattern }) => pattern.test(words))?.code

/** Every pull that failed has a reason; what nobody knows counts as passing. */
export const pullRefusal = (words: string): Refusal => ({
  code: PULL_RULES.find(({ pattern }) => pattern.test(words))?.code ?? 'image-registry-unreachable',
  evidence: [words],
})
