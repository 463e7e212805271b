import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const sources = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const importsOf = (file: string): string[] => [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) => name)

describe('the package', () => {
  test('depends on zod and nothing else', () => {
    const manifest: unknown = JSON.parse(textOf('package.json'))
    expect(manifest).toMatchObject({ name: 'davit' })
    expect(Object.keys((manifest as { dependencies: object }).dependencies)).toEqual(['zod'])
    expect(manifest).not.toHaveProperty('peerDependencies')
  })

  test('imports nothing but zod and itself, so that a browser can load it', () => {
    const foreign = sources.flatMap((file) => importsOf(file).filter((name) => name !== 'zod' && !name.startsWith('.') && !name.startsWith('#')))
    expect(sources.length).toBeGreaterThan(40)
    expect(foreign).toEqual([])
  })

  test('looks at the environment in one file only', () => {
    expect(sources.filter((file) => /\bprocess\b[^'\n]*\benv\b/.test(textOf(file)))).toEqual(['src/client/endpoint-url.ts'])
  })

  test('uses no global that only Node has', () => {
    expect(sources.filter((file) => /\b(Buffer|setImmediate|__dirname|require\()/.test(textOf(file)))).toEqual([])
  })

  test('bundles for a browser from its own files and zod alone', async () => {
    const { metafile, outputFiles } = await build({
      entryPoints: [join(root, 'src/index.ts')],
      absWorkingDir: root,
      bundle: true,
      platform: 'browser',
      format: 'esm',
      conditions: ['@davit/source'],
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    expect(Object.keys(metafile.inputs).filter((file) => !file.startsWith('src/') && !file.includes('node_modules/zod/'))).toEqual([])
    expect(outputFiles[0]?.text).not.toMatch(/from\s*["']node:/)
  })
})
