import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const script = `import { goPrograms } from ${JSON.stringify(new URL('go-build.ts', import.meta.url).href)}
  import { GO_MODULES } from ${JSON.stringify(new URL('go-modules.ts', import.meta.url).href)}
  console.log(await goPrograms(GO_MODULES.pause, { say: (line) => console.log(line) }))`

const build = async (cache: string): Promise<readonly string[]> => {
  const child = spawn(process.execPath, ['--conditions=@davit/source', '--input-type=module', '-e', script], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  expect(code).toBe(0)
  return said.trim().split('\n')
}

test('programs are built once: who comes at the same time waits, who comes later finds them', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'davit-go-build-'))
  try {
    const said = await Promise.all([build(cache), build(cache), build(cache)])
    expect(said.filter((lines) => lines.some((line) => line.includes('pause: building')))).toHaveLength(1)
    const folders = new Set(said.map((lines) => lines.at(-1)))
    expect(folders.size).toBe(1)
    expect(await readdir([...folders][0] ?? '')).toEqual(['pause'])
    expect(await build(cache)).toEqual([...folders])
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
})
