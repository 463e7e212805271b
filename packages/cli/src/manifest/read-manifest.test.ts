import { describe, expect, test } from 'vitest'
import { parseManifest } from './read-manifest.ts'

const GOOD = `
kind: project
name: demo
---
# a comment
kind: container
name: web
project: demo
spec:
  image: acme/web:1
  args: [--port, "8501"]
---
kind: container+serve:run
name: web
project: demo
spec:
  function: web
  service_ports:
    - port: 8085
      target_port: 8501
`

test('a file of several documents is read in order', () => {
  const documents = parseManifest(GOOD, 'app.yaml')
  expect(documents.map(({ kind, project }) => [kind, project])).toEqual([
    ['project', undefined],
    ['container', 'demo'],
    ['container+serve:run', 'demo'],
  ])
  expect(documents[1]?.body['spec']).toEqual({ image: 'acme/web:1', args: ['--port', '8501'] })
})

test('JSON is read too, and a list as it is printed stands for its items', () => {
  const list = JSON.stringify({
    apiVersion: 'davit.dev/v1',
    kind: 'FunctionList',
    items: [
      { kind: 'container', name: 'a', spec: { image: 'x' } },
      { kind: 'container', name: 'b' },
    ],
  })
  expect(parseManifest(list, 'list.json').map(({ body }) => body['name'])).toEqual(['a', 'b'])
})

test('empty documents do not count', () => expect(parseManifest('---\n---\n# nothing\n', 'x')).toEqual([]))

const refusal = (text: string): { message: string; path?: string; hint?: string } => {
  try {
    parseManifest(text, 'app.yaml')
  } catch (error) {
    return error as { message: string; path?: string; hint?: string }
  }
  throw new Error('nothing was refused')
}

describe('what is wrong is refused with its line', () => {
  test('an unknown field, with its path and the nearest known one', () => {
    expect(refusal(GOOD.replace('target_port', 'target_prt'))).toMatchObject({
      code: 'invalid',
      message: 'app.yaml:20: unknown field spec.service_ports.0.target_prt (did you mean target_port?)',
      path: 'spec.service_ports.0.target_prt',
      hint: 'write target_port',
    })
  })
  test('all unknown fields at once', () => {
    expect(refusal('kind: container\nnme: a\nname: a\nspec:\n  imge: b\n').message).toBe(
      'app.yaml:2: unknown field nme (did you mean name?)\napp.yaml:5: unknown field spec.imge (did you mean image?)',
    )
  })
  test('a value of the wrong type', () => {
    expect(refusal('kind: container+job:run\nspec:\n  function: a\n\n  replicas: two\n').message).toMatch(
      /^app\.yaml:5: spec\.replicas must be of type (int|number)/,
    )
  })
  test('a field that is missing', () => {
    expect(refusal('kind: container\nspec:\n  image: a\n').message).toMatch(/^app\.yaml:1: name is required/)
    expect(refusal('kind: container+job:run\nspec:\n  replicas: 1\n').message).toMatch(/spec\.function is required/)
  })
  test('an unknown kind, with the nearest known one', () => {
    expect(refusal('name: a\nkind: contaner\n')).toMatchObject({ message: 'app.yaml:2: unknown kind "contaner"', hint: 'did you mean container?' })
  })
  test('no kind, and no map', () => {
    expect(refusal('name: a\n').message).toBe('app.yaml:1: kind is missing')
    expect(refusal('- a\n- b\n').message).toContain('must be a map with a kind')
  })
  test('YAML that is none', () => expect(refusal('kind: container\nname: [a\n').message).toMatch(/^app\.yaml:\d+: /))
  test('a key twice', () => expect(refusal('kind: project\nname: a\nname: b\n').message).toMatch(/^app\.yaml:\d+: .*unique/))
})
