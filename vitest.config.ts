import { defineConfig } from 'vitest/config'
import { TIERS, testFiles, tierNames } from './tools/test/tiers.ts'

const files = testFiles()
const conditions = ['@davit/source', 'module', 'node', 'development|production']

/** One project a tier: `vitest run --project unit` runs one by hand, `npm test` all of them in order. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: tierNames
      .filter((name) => files[name].length > 0)
      .map((name) => ({
        extends: true,
        test: {
          name,
          include: files[name],
          pool: 'forks' as const,
          fileParallelism: TIERS[name].workers > 1,
          execArgv: ['--conditions=@davit/source', '--disable-warning=ExperimentalWarning'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          teardownTimeout: 30_000,
          expect: { poll: { timeout: 10_000 } }, // what a test waits for may be committed by a busy disk
        },
      })),
  },
})
