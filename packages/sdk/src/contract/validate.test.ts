import { describe, expect, test } from 'vitest'
import { FunctionCreate } from './function.ts'
import { ProjectCreate } from './project.ts'
import { RunCreate } from './run.ts'
import { parseOrThrow } from './validate.ts'

const run = (spec: object) => () => parseOrThrow(RunCreate, { kind: 'container+serve:run', spec: { task: 't', ...spec } })
const refused = (path: string, message: RegExp) => expect.objectContaining({ code: 'invalid', path, message: expect.stringMatching(message) })

describe('what is wrong with an input is told with its path and what is allowed', () => {
  test.each([
    [{ replicas: 0 }, 'spec.replicas', /spec\.replicas .*1/],
    [{ replicas: 'two' }, 'spec.replicas', /spec\.replicas must be of type (int|number)/],
    [{ service_type: 'Nodeport' }, 'spec.service_type', /must be one of ClusterIP, NodePort, LoadBalancer, ExternalName/],
    [{ service_ports: [{ port: '8000-8010' }] }, 'spec.service_ports.0.port', /one port number/],
    [{ service_ports: [{ port: 70_000 }] }, 'spec.service_ports.0.port', /65535/],
    [{ service_ports: [{ port: 1 }, { port: 1 }] }, 'spec.service_ports.1.port', /given twice: 1/],
    [{ service_ports: [{ port: 2 }, { port: 2, protocol: 'UDP' }, { port: 2, protocol: 'UDP' }] }, 'spec.service_ports.2.port', /given twice: 2\/UDP/],
    [{ args: ['a\0b'] }, 'spec.args.0', /NUL/],
    [{ secrets: ['a b'] }, 'spec.secrets.0', /letters, digits/],
    [{ image_pull_policy: 'Sometimes' }, 'spec.image_pull_policy', /IfNotPresent, Always, Never/],
  ])('%j', (spec, path, message) => {
    expect(run(spec)).toThrow(refused(path, message))
  })

  test('what is missing is called required', () => {
    expect(() => parseOrThrow(RunCreate, { kind: 'k', spec: {} })).toThrow(/spec\.task/)
    expect(() => parseOrThrow(FunctionCreate, { kind: 'container' })).toThrow(/name/)
  })

  test('several faults are told at once', () => {
    expect(run({ replicas: 0, service_type: 'x' })).toThrow(/spec\.replicas.*; spec\.service_type/)
  })

  test('arguments and variables may hold newlines, quotes, = and any script', () => {
    expect(run({ args: ['a\n"b"\'c\' $x', '日本'], env: { A: 'x=y', B: 'ü\n' } })).not.toThrow()
  })

  test('a project needs a name that can be part of a host name', () => {
    for (const name of ['a', 'a-1', 'project-container']) expect(parseOrThrow(ProjectCreate, { name }).name).toBe(name)
    for (const name of ['', 'A', '-a', 'a-', 'a_b', 'a/b', 'x'.repeat(51)]) expect(() => parseOrThrow(ProjectCreate, { name })).toThrow(refused('name', /name/))
    expect(() => parseOrThrow(ProjectCreate, { name: 'a', id: 'b' })).toThrow(refused('id', /must match name/))
  })

  test('fields that are not known are kept', () => {
    expect(parseOrThrow(RunCreate, { kind: 'k', mine: 1, spec: { task: 't', mine: 2 } })).toMatchObject({ mine: 1, spec: { mine: 2 } })
  })
})
