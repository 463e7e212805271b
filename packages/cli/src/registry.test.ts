import { expect, test } from 'vitest'
import { COMMAND_NAMES, COMMANDS, findCommand, loadAll } from './registry.ts'
import { GLOBALS } from './runner/globals.ts'
import { longName, shortName } from './runner/option.ts'

const camel = (name: string): string => name.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

test.each(COMMAND_NAMES)('%s is registered under its own name', async (name) => {
  expect((await COMMANDS[name]()).name).toBe(name)
})

test.each(COMMAND_NAMES)('the input fields of %s are named as its flags', async (name) => {
  const { options } = await COMMANDS[name]()
  for (const [key, option] of Object.entries(options)) expect(camel(longName(option))).toBe(key)
})

test('no command has a flag twice, nor one of the flags that stand everywhere', async () => {
  for (const { options, args } of await loadAll()) {
    const all = [...Object.values(options), ...Object.values(GLOBALS)]
    const names = all.flatMap((option) => [longName(option), shortName(option) ?? []].flat())
    expect(names).toHaveLength(new Set(names).size)
    expect(Object.keys(options).filter((key) => key in args)).toEqual([])
  }
})

test('the longest name that fits is the command', () => {
  expect(findCommand(['secret', 'set', 'A'])).toEqual({ name: 'secret set', args: ['A'] })
  expect(findCommand(['ps', '-a'])).toEqual({ name: 'ps', args: ['-a'] })
  expect(findCommand(['ls'])?.name).toBe('ps')
  expect(findCommand(['secret'])).toBeUndefined()
  expect(findCommand(['toString'])).toBeUndefined()
  expect(findCommand([])).toBeUndefined()
})
