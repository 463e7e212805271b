import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { helpText, printConfig } from './print.ts'
import { type ConfigInputs, readConfig } from './read.ts'
import { flagOf, SETTING_NAMES, variableOf } from './settings.ts'

const read = (argv: readonly string[] = [], env: ConfigInputs['env'] = {}) => readConfig({ argv, env })
let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'davit-config-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const file = (content: string): string => {
  const path = join(dir, 'davit.yaml')
  writeFileSync(path, content)
  return path
}

describe('a setting comes from', () => {
  test('its default', () => {
    expect(read()).toMatchObject({
      config: { listen: { host: '127.0.0.1', port: 8080 }, engine: 'auto', ephemeral: false, data: undefined },
      origins: { listen: 'default', data: 'not set' },
    })
  })

  test('the file, before that the environment, before that the flag', () => {
    const config = file('listen: 127.0.0.1:1\nengine: memory\nconcurrency: 3\n')
    const env = { DAVIT_LISTEN: '127.0.0.1:2', DAVIT_ENGINE: 'docker' }
    const { config: got, origins } = read(['--config', config, '--listen', '127.0.0.1:3'], env)
    expect([got.listen.port, got.engine, got.concurrency]).toEqual([3, 'docker', 3])
    expect([origins.listen, origins.engine, origins.concurrency]).toEqual(['--listen', 'DAVIT_ENGINE', config])
  })

  test('the names that other tools know, behind our own', () => {
    expect(read([], { DATABASE_URL: 'postgres://a/b', DOCKER_HOST: 'unix:///x' })).toMatchObject({
      config: { database: 'postgres://a/b', docker_host: 'unix:///x' },
      origins: { database: 'DATABASE_URL' },
    })
    expect(read([], { DATABASE_URL: 'postgres://a/b', DAVIT_DATABASE: 'postgres://c/d' }).config.database).toBe('postgres://c/d')
  })

  test('a file that a variable names', () => {
    expect(read([], { DAVIT_CONFIG: file('engine: memory') }).config.engine).toBe('memory')
  })

  test('nowhere if it is empty', () => {
    expect(read(['--config', file('data:\nlisten: ~\n')], { DAVIT_ENGINE: '' })).toMatchObject({
      config: { data: undefined, engine: 'auto' },
      origins: { data: 'not set', listen: 'default' },
    })
    expect(read(['--config', file('')]).config.engine).toBe('auto')
  })
})

describe('where to listen', () => {
  test.each([
    ['8080', { host: '127.0.0.1', port: 8080 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
  ])('%s', (text, listen) => {
    expect(read(['--listen', text]).config.listen).toEqual(listen)
  })
})

describe('what is wrong is refused, saying where and what is allowed', () => {
  test.each([
    [['--listn', 'x'], /--listn is not known/, /did you mean --listen\?/],
    [['--zzzzzzzz'], /not known/, /known are: --listen/],
    [['--data'], /--data needs a value/, undefined],
    [['there'], /takes no argument there/, /--help/],
    [['--listen', 'host'], /--listen is "host": listen must be HOST:PORT/, undefined],
    [['--listen', '1:99999'], /above 65535/, undefined],
    [['--engine', 'podman'], /--engine is "podman"/, undefined],
    [['--concurrency', '0'], /--concurrency is "0"/, undefined],
    [['--concurrency', 'many'], /--concurrency is "many"/, undefined],
    [['--body-limit', '1'], /body_limit/, undefined],
    [['--ephemeral=perhaps'], /--ephemeral is "perhaps"/, undefined],
    [['--config', 'no/such/file'], /no\/such\/file cannot be read/, undefined],
  ])('%j', (argv, message, hint) => {
    expect(() => read(argv)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringMatching(message), ...(hint && { hint: expect.stringMatching(hint) }) }),
    )
  })

  test.each([
    ['listn: 1', /listn is not known/],
    ['- a\n- b', /names and values/],
    ['listen: {host: x}', /listen .*must be one value/],
    ['a: [', /cannot be read/],
    ['__proto__: 1', /__proto__ is not known/],
    ['engine: x', /davit\.yaml is "x"/],
  ])('a file with %j', (content, message) => {
    expect(() => read(['--config', file(content)])).toThrow(message)
  })

  test.each(['postgres://u:hunter2@h/db', 'postgres:///db?user=u&password=hunter2'])('a password in a flag: %s', (database) => {
    const refused = () => read(['--database', database])
    expect(refused).toThrow(expect.objectContaining({ code: 'invalid', path: '--database', hint: expect.stringMatching(/DAVIT_DATABASE.*--config/) }))
    expect(refused).not.toThrow(/hunter2/)
    expect(read(['--database', 'postgres://u@h/db']).config.database).toBe('postgres://u@h/db')
    expect(read(['--config', file(`database: ${database}`)]).config.database).toBe(database)
  })

  test('a variable is named, and a password in it is not shown', () => {
    const refused = () => read([], { DATABASE_URL: 'mysql://root:hunter2@h/db' })
    expect(refused).toThrow(/DATABASE_URL is .*must be a URL postgres/)
    expect(refused).not.toThrow(/hunter2/)
  })
})

describe('the settings as they are shown', () => {
  test.each([
    ['postgres://u:hunter2@h/db', 'postgres://u:***@h/db'],
    ['postgres://u:hunt@er2@h/db', 'postgres://u:***@h/db'],
    ['postgres://:hunter2@h/db', 'postgres://:***@h/db'],
    ['postgres:///db?host=/s&password=hunter2&user=u', 'postgres:///db?host=/s&password=***&user=u'],
    ['postgres://u@h/db', 'postgres://u@h/db'],
  ])('%s hides its password', (database, shown) => {
    const { config, origins } = read([], { DAVIT_DATABASE: database })
    expect(printConfig(config, origins)).toContain(`database: ${shown}  # DAVIT_DATABASE`)
  })

  test('say of each where it came from, and can be read back', () => {
    const given = read(['--listen', '127.0.0.1:7'], { DAVIT_ENGINE: 'memory' })
    const shown = printConfig(given.config, given.origins)
    expect(shown).toContain('listen: 127.0.0.1:7  # --listen')
    expect(shown).toContain('engine: memory  # DAVIT_ENGINE')
    expect(shown).toContain('# data: (not set)')
    expect(read(['--config', file(shown)]).config).toEqual(given.config)
  })

  test('help names every flag and its variable', () => {
    for (const name of SETTING_NAMES) {
      expect(helpText()).toContain(`--${flagOf(name)}`)
      expect(helpText()).toContain(`[${variableOf(name)}]`)
    }
    expect(read(['--help'])).toMatchObject({ help: true, printConfig: false })
    expect(read(['-h', '--print-config'])).toMatchObject({ help: true, printConfig: true })
  })
})
