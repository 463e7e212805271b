import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { identify, isAlive } from '#supervise/process-identity.ts'
import { commandLine } from '#supervise/process-table.ts'
import { waitUntil } from '#supervise/wait-until.ts'
import { findSetpriv, launchCommand } from './launcher.ts'

const what = { program: '/bin/postgres', args: ['-D', '/d'], deathSignal: 'INT' } as const

test('setpriv drops root and ties the life to ours', () => {
  const account = { name: 'postgres', uid: 101, gid: 104 }
  expect(launchCommand(what, { account, setpriv: '/usr/bin/setpriv' })).toEqual([
    '/usr/bin/setpriv',
    '--reuid=101',
    '--regid=104',
    '--clear-groups',
    '--pdeathsig=INT',
    '/bin/postgres',
    '-D',
    '/d',
  ])
  expect(launchCommand(what, { account: undefined, setpriv: '/usr/bin/setpriv' })).toEqual(['/usr/bin/setpriv', '--pdeathsig=INT', '/bin/postgres', '-D', '/d'])
})

test('without setpriv the command line is bare', () => {
  expect(launchCommand(what, { account: undefined, setpriv: undefined })).toEqual(['/bin/postgres', '-D', '/d'])
})

const setpriv = await findSetpriv()

test.each([...(setpriv === undefined ? [] : [setpriv]), undefined])('a program dies with its parent that is killed (setpriv: %s)', async (path) => {
  const script = `
    import { launch } from '${new URL('./launcher.ts', import.meta.url)}'
    const child = launch({ program: '/bin/sleep', args: ['120'], deathSignal: 'INT' }, { account: undefined, setpriv: ${JSON.stringify(path)} }, 'pipe')
    child.once('spawn', () => console.log(child.pid))`
  const parent = spawn(process.execPath, ['--conditions=@davit/source', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line]: unknown[] = await once(parent.stdout, 'data')
  const child = identify(Number(String(line)))
  expect(child).toBeDefined()
  // setpriv asks for the death signal, then becomes the program.
  expect(await waitUntil(() => child && commandLine(child.pid)?.[0] === '/bin/sleep', { timeout: 5_000 })).toBe(true)
  parent.kill('SIGKILL')
  expect(await waitUntil(() => child && !isAlive(child), { timeout: 5_000 })).toBe(true)
})
