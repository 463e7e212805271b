import { filesOf } from './files.ts'
import type { Need } from './needs.ts'

export interface Tier {
  readonly about: string
  /** What a machine must have for it, or the tier is skipped. */
  readonly needs: readonly Need[]
  /** How many test files may run at once: those that start servers and engines go one by one. */
  readonly workers: 1 | 2
  /** Its files run inside the network of the run's Kubernetes, which is brought up for the first such tier. `any`: or on the user's. */
  readonly cluster?: 'own' | 'any'
}

/** The tiers in the order they run: the cheaper, the earlier. */
export const TIERS = {
  unit: { about: 'functions and modules that need nothing', needs: [], workers: 2 },
  store: { about: 'the store on a real PostgreSQL', needs: ['postgres'], workers: 1 },
  'engine-memory': { about: 'the engine suite on the memory engine', needs: [], workers: 1 },
  'engine-docker': { about: 'the engine suite and its traps on a real container engine', needs: ['engine'], workers: 1 },
  server: { about: 'the server over HTTP', needs: ['postgres'], workers: 1 },
  sdk: { about: 'the SDK, alone and against a server', needs: ['postgres'], workers: 1 },
  'python-sdk': { about: "DigitalHub's Python SDK, every line of it, against a server and an engine", needs: ['postgres', 'engine', 'python'], workers: 1 },
  cli: { about: 'the CLI as a process', needs: ['postgres'], workers: 1 },
  testbed: { about: 'the testbed: a real Kubernetes up, broken and gone', needs: ['testbed'], workers: 1, cluster: 'own' },
  kubernetes: { about: 'the engine suite and its traps on a real Kubernetes', needs: ['postgres', 'kubernetes'], workers: 1, cluster: 'any' },
  faults: { about: 'killed servers, engines and databases', needs: ['postgres', 'engine'], workers: 1 },
  'kubernetes-faults': {
    about: 'a Kubernetes whose parts are stopped, killed and cut off',
    needs: ['postgres', 'testbed'],
    workers: 1,
    cluster: 'own',
  },
  fuzz: { about: 'every endpoint, asked anything', needs: ['postgres'], workers: 1 },
  schemathesis: { about: 'the OpenAPI document, judged from outside', needs: ['postgres', 'python'], workers: 1 },
  demo: { about: 'the demo as a user starts it', needs: ['postgres', 'engine'], workers: 1 },
} as const satisfies Record<string, Tier>
export type TierName = keyof typeof TIERS

export const tierNames = Object.keys(TIERS) as TierName[]

/**
 * Which tier a test file is in: the first pattern that fits. The suffix says what it needs (`x.pg.test.ts` a PostgreSQL,
 * `x.docker.test.ts` an engine, `x.k8s.test.ts` a Kubernetes, `x.http.test.ts` a server, `x.fuzz.test.ts` much time, `x.process.test.ts`
 * the CLI as a process), the folder says whose it is.
 */
const CLAIMS: readonly (readonly [RegExp, TierName])[] = [
  [/^testbed\/.*\.k8s(-faults)?\.test\.ts$/, 'testbed'],
  [/\.k8s-faults\.test\.ts$/, 'kubernetes-faults'],
  [/\.k8s\.test\.ts$/, 'kubernetes'],
  [/\.faults\.test\.ts$|^e2e\/faults\//, 'faults'],
  [/\.schemathesis\.test\.ts$/, 'schemathesis'],
  [/\.fuzz\.test\.ts$/, 'fuzz'],
  [/^demo\/demo|^e2e\/demo/, 'demo'],
  [/^e2e\/python-sdk\/sdk-/, 'python-sdk'],
  [/^e2e\/python-sdk\//, 'unit'],
  [/^e2e\/cli|^packages\/cli\/.*\.\w+\.test\.ts$/, 'cli'],
  [/^e2e\/sdk|^packages\/sdk\/src\/client\/|^packages\/sdk\/.*\.(http|server|pg)\.test\.ts$/, 'sdk'],
  [/^e2e\//, 'server'],
  [/\.docker\.test\.ts$/, 'engine-docker'],
  [/^packages\/server\/src\/(store|postgres)\/.*\.pg\.test\.ts$/, 'store'],
  [/\.(pg|http|server)\.test\.ts$/, 'server'],
  [/^packages\/server\/src\/engines\/memory/, 'engine-memory'],
  [/\.test\.ts$/, 'unit'],
]

export const tierOf = (file: string): TierName | undefined => CLAIMS.find(([pattern]) => pattern.test(file))?.[1]

/** All test files of the repository, by tier. */
export const testFiles = (): Record<TierName, string[]> => {
  const byTier = Object.fromEntries(tierNames.map((name) => [name, [] as string[]])) as Record<TierName, string[]>
  for (const file of filesOf('**/*.test.ts')) {
    const tier = tierOf(file)
    if (tier) byTier[tier].push(file)
  }
  return byTier
}
