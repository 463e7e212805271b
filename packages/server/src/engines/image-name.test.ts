import { describe, expect, test } from 'vitest'
import { parseImageName, pullTarget } from './image-name.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('an image name', () => {
  const good = [
    ['nginx', { repository: 'nginx', tag: undefined, digest: undefined }],
    ['hello-world:latest', { repository: 'hello-world', tag: 'latest', digest: undefined }],
    ['localhost/davit/busybox:1', { repository: 'localhost/davit/busybox', tag: '1', digest: undefined }],
    ['registry.example:5000/team/app:v1.2-rc_3', { repository: 'registry.example:5000/team/app', tag: 'v1.2-rc_3', digest: undefined }],
    ['[::1]:5000/app', { repository: '[::1]:5000/app', tag: undefined, digest: undefined }],
    [`ghcr.io/a/b__c.d-e@${DIGEST}`, { repository: 'ghcr.io/a/b__c.d-e', tag: undefined, digest: DIGEST }],
    [`app:1@${DIGEST}`, { repository: 'app', tag: '1', digest: DIGEST }],
  ] as const
  for (const [text, parts] of good) test(`${text} is taken apart`, () => expect(parseImageName(text)).toEqual(parts))
  const bad = [
    '',
    ' ',
    'UPPER',
    'a b',
    'a//b',
    '/a',
    'a/',
    'a:',
    ':1',
    'a:-x',
    'a@sha256:12',
    'a@',
    'http://a/b',
    '-a',
    'a_-b',
    'a...b',
    'x\n',
    'a'.repeat(256),
    'f'.repeat(64),
    `app:${'t'.repeat(129)}`,
  ]
  for (const text of bad) test(`${JSON.stringify(text).slice(0, 30)} is refused in a sentence`, () => expect(typeof parseImageName(text)).toBe('string'))
  test('without a tag means latest, and a digest wins over a tag', () => {
    const target = (text: string): unknown => {
      const name = parseImageName(text)
      return typeof name === 'string' ? name : pullTarget(name)
    }
    expect(target('nginx')).toEqual({ fromImage: 'nginx', tag: 'latest' })
    expect(target(`nginx:1@${DIGEST}`)).toEqual({ fromImage: 'nginx', tag: DIGEST })
  })
})
