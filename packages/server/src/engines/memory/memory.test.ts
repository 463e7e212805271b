import { describe, expect, test } from 'vitest'
import { eventually, refOf } from '../conformance/subject.ts'
import { sampleWorkload } from '../docker/sample-fixture.ts'
import { memoryEngine } from './engine.ts'
import { memoryState } from './state.ts'
import { expand, parseScript } from './shell.ts'

const signal = new AbortController().signal
const script = (text: string, wanted: Parameters<typeof sampleWorkload>[0] = {}): ReturnType<typeof sampleWorkload> =>
  sampleWorkload({ command: ['sh', '-c', text], ...wanted })

describe('the memory engine', () => {
  test('forgets nothing when the server restarts: another engine on its state goes on', async () => {
    const state = memoryState()
    const first = memoryEngine({ state })
    const workload = script('echo up; sleep 0.2; exit 3')
    await first.apply(workload, {}, signal)
    await first.close()
    const second = memoryEngine({ state })
    expect(await second.list()).toEqual([refOf(workload)])
    expect(
      await eventually(
        () => second.observe(refOf(workload)),
        ({ phase }) => phase === 'ended',
      ),
    ).toMatchObject({ containers: [{ exitCode: 3 }] })
    await second.apply(workload, {}, signal)
    expect(Object.fromEntries(state.starts)).toEqual({ 'davit-r1-1-0': 1 })
  })
  test('fails and hangs where a test wants it to', async () => {
    const asked: string[] = []
    const gate = Promise.withResolvers<void>()
    const before = (method: string): void | Promise<void> => {
      asked.push(method)
      if (method === 'apply') throw new Error('no disk')
      return method === 'observe' ? gate.promise : undefined
    }
    const engine = memoryEngine({ faults: { before } })
    await expect(engine.apply(script('true'), {}, signal)).rejects.toThrow('no disk')
    const observed = engine.observe(refOf(script('true')))
    expect(await Promise.race([observed, Promise.resolve('still waiting')])).toBe('still waiting')
    gate.resolve()
    expect(await observed).toEqual({ phase: 'absent' })
    expect(asked).toEqual(['apply', 'observe'])
  })
  test('knows images by words in their names', async () => {
    const engine = memoryEngine()
    const apply = (image: string): Promise<unknown> => engine.apply(script('true', { image, name: image.replaceAll(/\W/g, '-') }), {}, signal)
    expect(await apply('a/missing:1')).toMatchObject({ refused: { code: 'image-not-found' } })
    expect(await apply('a/denied:1')).toMatchObject({ refused: { code: 'image-access-denied' } })
    expect(await apply('a/unreachable:1')).toMatchObject({ refused: { code: 'image-registry-unreachable' } })
    expect(await apply('a/slow:1')).toMatchObject({ done: false, phase: 'pulling' })
    await eventually(
      () => apply('a/slow:1'),
      (applied) => (applied as { done?: boolean }).done === true,
    )
  })
  test('gives services ports, and refuses one that is taken', async () => {
    const engine = memoryEngine()
    const port = { name: 'http', port: 80, targetPort: 8501, nodePort: 31_000, protocol: 'TCP' } as const
    const serve = script('httpd -f -p 8501', { action: 'serve', ports: [port] })
    await engine.apply(serve, {}, signal)
    expect(await engine.observe(refOf(serve))).toMatchObject({
      phase: 'running',
      containers: [{ ready: true }],
      ports: [{ host: '127.0.0.1', hostPort: 31_000, listening: true }],
    })
    expect(await engine.apply({ ...serve, name: 'another' }, {}, signal)).toMatchObject({ refused: { code: 'node-port-taken' } })
  })
  test('marks what runs out of memory', async () => {
    const engine = memoryEngine()
    const workload = script('oom')
    await engine.apply(workload, {}, signal)
    expect(await engine.observe(refOf(workload))).toMatchObject({ phase: 'ended', containers: [{ exitCode: 137, oomKilled: true }] })
  })
})

describe('the little shell', () => {
  test('reads commands, loops and quotes', () => {
    expect(parseScript("echo 'a; b' && exit 3\ntrue")).toEqual([
      { words: ['echo', "'a; b'"], unlessFailed: false },
      { words: ['exit', '3'], unlessFailed: true },
      { words: ['true'], unlessFailed: false },
    ])
    expect(parseScript('while true; do sleep 1; done; echo no')).toEqual([
      { loop: [{ words: ['sleep', '1'], unlessFailed: false }] },
      { words: ['echo', 'no'], unlessFailed: false },
    ])
  })
  test('fills in variables outside single quotes', () => {
    const variable = (name: string): string => `<${name}>`
    expect(expand(`"$A b"'$C'\${D}`, variable)).toBe('<A> b$C<D>')
  })
})
