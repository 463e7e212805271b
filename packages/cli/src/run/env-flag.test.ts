import { expect, test } from 'vitest'
import { mergeEnv, parseEnv, parseEnvFile } from './env-flag.ts'

const from = (env: Record<string, string> = {}) => ({ env, where: '--env' })

test.each([
  ['A=1', 'A', '1'],
  ['A=', 'A', ''],
  ['A=b=c', 'A', 'b=c'],
  ['GREETING=Grüße, 世界', 'GREETING', 'Grüße, 世界'],
  ['A="kept"', 'A', '"kept"'],
])('%s is a variable', (line, name, value) => expect(parseEnv(line, from())).toEqual({ name, value }))

test('a name alone takes the caller’s value, or fails', () => {
  expect(parseEnv('TOKEN', from({ TOKEN: 'x' }))).toEqual({ name: 'TOKEN', value: 'x' })
  expect(() => parseEnv('TOKEN', from())).toThrow('--env: TOKEN has no value here')
})

test.each(['=x', '1A=x', 'A B=x', ''])('"%s" is refused', (line) => expect(() => parseEnv(line, from())).toThrow('is no name of a variable'))

test('an env file has a variable a line; empty lines and comments do not count; a mistake names its line', () => {
  const read = (content: string) => parseEnvFile(content, { env: { HOST: 'h' }, file: 'app.env' })
  expect(read('\uFEFF# comment\r\nA=1\r\n\n  B=two words \nHOST\n')).toEqual([
    { name: 'A', value: '1' },
    { name: 'B', value: 'two words ' },
    { name: 'HOST', value: 'h' },
  ])
  expect(() => read('A=1\n9X=2\n')).toThrow('app.env:2: "9X" is no name of a variable')
})

test('later variables win, each name once', () => {
  expect(
    mergeEnv(
      [
        { name: 'A', value: '1' },
        { name: 'B', value: '1' },
      ],
      [{ name: 'A', value: '2' }],
    ),
  ).toEqual([
    { name: 'A', value: '2' },
    { name: 'B', value: '1' },
  ])
})
