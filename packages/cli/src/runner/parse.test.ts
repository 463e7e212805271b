import { describe, expect, test } from 'vitest'
import { COMMANDS } from '#registry.ts'
import { helpOf, parseCommand, parseLeading } from './parse.ts'

const parse = async (name: keyof typeof COMMANDS, ...argv: string[]) => parseCommand(await COMMANDS[name](), argv)

describe('the words behind a command', () => {
  test('what comes after -- belongs to the container, whatever it looks like', async () => {
    const parsed = await parse('run', 'busybox:1', '-e', 'A=1', '--env', 'B', '--rm', '--', 'sh', '-c', 'echo "$A"', '--rm', '--', '')
    expect(parsed).toMatchObject({
      input: { image: 'busybox:1', env: ['A=1', 'B'], rm: true, detach: false, args: ['sh', '-c', 'echo "$A"', '--rm', '--', ''] },
    })
  })

  test('flags that say no are heard', async () => {
    expect(await parse('login', '--no-browser')).toMatchObject({ input: { noBrowser: true } })
    expect(await parse('login')).toMatchObject({ input: { noBrowser: false } })
    expect(await parse('user set', 'ann', '--no-admin')).toMatchObject({ input: { admin: false, noAdmin: true } })
    expect(await parse('user set', 'ann', '--admin')).toMatchObject({ input: { admin: true, noAdmin: false } })
  })

  test('flags that were not given have their value of absence', async () => {
    const parsed = await parse('run', 'a')
    expect(parsed).toMatchObject({ input: { env: [], cpu: undefined, detach: false, args: [] }, globals: {} })
  })

  test('flags that stand everywhere are told apart from the command’s own', async () => {
    const parsed = await parse('ps', '-a', '-p', 'demo', '-o', 'wide', '--no-color', '--timeout', '5s')
    expect(parsed).toMatchObject({ input: { all: true }, globals: { project: 'demo', output: 'wide', noColor: true, timeout: 5000 } })
  })

  test('an unknown flag is refused with the nearest known one', async () => {
    await expect(parse('run', 'a', '--detch')).rejects.toMatchObject({ code: 'invalid', message: "unknown option '--detch'", hint: 'Did you mean --detach?' })
  })

  test('a flag of the container before -- is explained', async () => {
    await expect(parse('run', 'a', 'ls', '-Z')).rejects.toMatchObject({ code: 'invalid', hint: expect.stringContaining('after --') as string })
  })

  test.each([
    ['run', [], /missing required argument 'image'/],
    ['ps', ['extra'], /too many arguments/],
    ['serve', ['a', '--port'], /argument missing/],
    ['deploy', ['a', '--replicas', 'two'], /--replicas must be a whole number/],
    ['logs', ['a', '-o', 'xml'], /--output must be one of/],
  ] as const)('%s %j is wrong usage', async (name, argv, message) => {
    await expect(parse(name, ...argv)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(message) as string })
  })

  test('--help gives the help, whatever else is wrong', async () => {
    expect(await parse('run', '--help')).toHaveProperty('help')
  })
})

test('the words before a command are global flags; the rest is untouched', () => {
  expect(parseLeading(['-p', 'demo', 'run', '-p', 'other', '--', '--help'])).toMatchObject({
    globals: { project: 'demo' },
    help: false,
    rest: ['run', '-p', 'other', '--', '--help'],
  })
  expect(parseLeading(['--version'])).toMatchObject({ version: true, rest: [] })
  expect(() => parseLeading(['--prject', 'a', 'ps'])).toThrow(/unknown option '--prject'/)
})

test('help shows usage, flags and examples', async () => {
  const help = helpOf(await COMMANDS.serve())
  expect(help).toContain('Usage: davit serve [options] <image> [args...]')
  expect(help).toContain('--port <port[:target]>')
  expect(help).toContain('davit serve ghcr.io/acme/app:1 --port 8085:8501')
})
