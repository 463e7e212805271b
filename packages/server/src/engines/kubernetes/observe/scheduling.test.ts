import { describe, expect, test } from 'vitest'
import { schedulingCode } from './scheduling.ts'

const of = (words: string, spec = {}) =>
  schedulingCode(`0/3 nodes are available: ${words}. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.`, { spec })

describe("the scheduler's words", () => {
  test.each([
    ['1 Insufficient cpu, 2 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }', 'unschedulable-cpu'],
    ['1 Insufficient cpu, 2 Insufficient memory', 'unschedulable-memory'],
    ['2 Insufficient cpu, 2 Insufficient memory', 'unschedulable-cpu'],
    ['2 Insufficient cpu, 1 Insufficient amd.com/gpu', 'unschedulable-gpu'],
    ["1 Insufficient memory, 2 node(s) didn't match Pod's node affinity/selector", 'unschedulable-memory'],
    ["1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector", 'unschedulable-selector'],
    ["3 node(s) didn't match pod topology spread constraints", 'unschedulable-affinity'],
    ["3 node(s) didn't satisfy existing pods anti-affinity rules", 'unschedulable-affinity'],
    ["3 node(s) didn't find available persistent volumes to bind", 'unschedulable-volume'],
    ['3 node(s) exceed max volume count', 'unschedulable-volume'],
    ['3 Insufficient ephemeral-storage', 'unschedulable'],
    ['3 Too many pods', 'unschedulable'],
    ["3 node(s) didn't have free ports for the requested pod ports", 'unschedulable'],
  ] as const)('%s', (words, code) => {
    expect(of(words)).toBe(code)
  })

  test('on preemption do not count', () => {
    expect(schedulingCode('0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available: 1 Insufficient cpu.', {})).toBe('unschedulable')
  })

  test('no node at all is no one reason', () => {
    expect(schedulingCode('no nodes available to schedule pods', {})).toBe('unschedulable')
  })

  test.each([
    [{ nodeSelector: { a: 'b' } }, 'unschedulable-selector'],
    [{ affinity: { nodeAffinity: {} } }, 'unschedulable-affinity'],
    [{ nodeSelector: { a: 'b' }, affinity: { nodeAffinity: {} } }, 'unschedulable-selector'],
    [{ nodeSelector: {}, affinity: { nodeAffinity: {} } }, 'unschedulable-affinity'],
    [{}, 'unschedulable-selector'],
  ] as const)('selector and affinity are told apart by what the pod asks for: %o', (spec, code) => {
    expect(of("3 node(s) didn't match Pod's node affinity/selector", spec)).toBe(code)
  })
})
