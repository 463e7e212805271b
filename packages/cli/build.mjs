import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Bundles the CLI into dist/davit.js. Each command stays a file of its own, loaded when it is asked for. */
export const buildCli = async () => {
  await rm(here('dist/chunks'), { recursive: true, force: true })
  await build({
    entryPoints: { davit: here('src/main.ts') },
    outdir: here('dist'),
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    conditions: ['@davit/source'],
    external: ['@davit/server'],
    minifySyntax: true,
    legalComments: 'none',
    // CommonJS dependencies ask for Node's own modules by `require`.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCli()
