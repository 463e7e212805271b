/**
 * The architecture, as data. A layer may import itself and the layers listed; nothing else. `a/b/` owns everything below it,
 * `a/b/*` only the files directly in it; where several fit, the longest is the layer. Tests and what only
 * they use (`*-fixture.ts`, `testing/`, `conformance`) are exempt.
 */
export const MAY_IMPORT = {
  'sdk/src/contract/': [],
  'sdk/src/client/': ['sdk/src/contract/'],
  'sdk/src/*': ['sdk/src/contract/', 'sdk/src/client/'],

  'server/src/domain/': ['sdk/src/contract/'],
  'server/src/config/': ['sdk/src/contract/'],
  'server/src/supervise/': ['sdk/src/contract/'],
  'server/src/postgres/': ['server/src/supervise/', 'sdk/src/contract/'],
  'server/src/engines/memory/': ['server/src/engines/*', 'server/src/domain/', 'sdk/src/contract/'],
  'server/src/engines/docker/': ['server/src/engines/*', 'server/src/domain/', 'sdk/src/contract/'],
  'server/src/engines/docker/private/': ['server/src/engines/docker/', 'server/src/supervise/', 'server/src/domain/', 'sdk/src/contract/'],
  'server/src/engines/kubernetes/': ['server/src/engines/*', 'server/src/domain/', 'sdk/src/contract/'],
  'server/src/engines/*': ['server/src/domain/', 'sdk/src/contract/'],
  'server/src/store/': ['server/src/domain/', 'sdk/src/contract/'],
  'server/src/logs/': ['server/src/domain/', 'server/src/store/', 'sdk/src/contract/'],
  'server/src/auth/': ['server/src/domain/', 'server/src/store/', 'sdk/src/contract/'],
  'server/src/service/': ['server/src/domain/', 'server/src/store/', 'server/src/logs/', 'server/src/auth/', 'sdk/src/contract/'],
  'server/src/reconcile/': ['server/src/domain/', 'server/src/store/', 'server/src/logs/', 'sdk/src/contract/'],
  'server/src/http/': ['server/src/service/', 'server/src/auth/', 'sdk/src/contract/', 'sdk/src/*'],
  'server/src/*': ['server/src/', 'sdk/src/'],

  'cli/src/': ['sdk/src/', 'server/src/*'],
} as const satisfies Record<string, readonly string[]>
export type Layer = keyof typeof MAY_IMPORT

/** Modules with exactly one home: a layer, or one file. */
export const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  kysely: ['server/src/store/'],
  pg: ['server/src/store/', 'server/src/postgres/'],
  fastify: ['server/src/http/'],
  '@fastify/swagger': ['server/src/http/'],
  '@fastify/websocket': ['server/src/http/'],
  ws: ['server/src/http/'],
  '@fastify/swagger-ui': ['server/src/http/'],
  '@fastify/cookie': ['server/src/http/'],
  '@fastify/cors': ['server/src/http/'],
  '@fastify/helmet': ['server/src/http/'],
  '@fastify/rate-limit': ['server/src/http/'],
  jose: ['server/src/auth/'],
  'openid-client': ['server/src/auth/'],
  dockerode: ['server/src/engines/docker/'],
  '@kubernetes/client-node': ['server/src/engines/kubernetes/client/legacy-auth.ts'],
  undici: ['server/src/engines/kubernetes/client/'],
  'tar-stream': ['server/src/engines/docker/'],
  commander: ['cli/src/'],
  picocolors: ['cli/src/'],
  'cli-table3': ['cli/src/'],
  '@bomb.sh/tab': ['cli/src/'],
  '@davit/server': ['cli/src/commands/server.ts'],
}

/** The package names under which the packages import one another → their folder. */
export const PACKAGES: Readonly<Record<string, string>> = { davit: 'sdk', '@davit/server': 'server', '@davit/cli': 'cli' }

const owns = (layer: string, file: string): boolean =>
  layer.endsWith('*') ? file.slice(0, file.lastIndexOf('/') + 1) === layer.slice(0, -1) : file.startsWith(layer)

/** The layer of a file below `packages/`; undefined: its folder is in no layer. */
export const layerOf = (file: string): Layer | undefined =>
  (Object.keys(MAY_IMPORT) as Layer[]).filter((layer) => owns(layer, file)).sort((a, b) => b.length - a.length)[0]

/** Whether a rule that names `allowed` (a layer, or a prefix of several) takes in a layer. */
export const covers = (allowed: string, layer: string): boolean => allowed === layer || (allowed.endsWith('/') && layer.startsWith(allowed))

/** Whether a home of ONLY_IN (layer, or file) holds a file. */
export const holds = (home: string, file: string): boolean => home === file || owns(home, file)
