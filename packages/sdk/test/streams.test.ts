import { Davit, DavitError, type Run, type RunState, type Verdict } from 'davit'
import { describe, expect, test } from 'vitest'
import { type Answer, fakeServer, hangUp, json, ndjson, refuse, routes } from './fake-server.ts'
import { chunk, SERVICE, sampleRun } from './sample.ts'

const clientOf = ({ url }: { url: string }) => new Davit({ endpoint: url, token: '' })
const statesOf = (runs: readonly Run[]): RunState[] => runs.map(({ status }) => status.state)
const failure = async (items: AsyncIterable<unknown>): Promise<DavitError> => {
  try {
    await Array.fromAsync(items)
  } catch (error) {
    if (error instanceof DavitError) return error
    throw error
  }
  throw new Error('it did not fail')
}
const textOf = (data: string): string => Buffer.from(data, 'base64').toString()

describe('watching a run', () => {
  test('gives it now and after each change, to the final state', async () => {
    const server = await fakeServer(ndjson([sampleRun('READY'), sampleRun('RUNNING'), sampleRun('COMPLETED')]))
    expect(statesOf(await Array.fromAsync(clientOf(server).runs.watch('demo', 'r1')))).toEqual(['READY', 'RUNNING', 'COMPLETED'])
  })

  test('goes on after a cut connection without repeating itself', async () => {
    const server = await fakeServer(ndjson([sampleRun('READY'), sampleRun('RUNNING')], 'cut'), hangUp, ndjson([sampleRun('RUNNING'), sampleRun('COMPLETED')]))
    expect(statesOf(await Array.fromAsync(clientOf(server).runs.watch('demo', 'r1')))).toEqual(['READY', 'RUNNING', 'COMPLETED'])
    expect(server.seen).toHaveLength(3)
  })

  test('goes on after a proxy ended the stream in order, also in the middle of a line', async () => {
    const half = JSON.stringify(sampleRun('COMPLETED')).slice(0, 40)
    const cutLine: Answer = (response) => void response.writeHead(200).end(`${JSON.stringify(sampleRun('RUNNING'))}\n${half}`)
    const server = await fakeServer(cutLine, ndjson([sampleRun('COMPLETED')]))
    expect(statesOf(await Array.fromAsync(clientOf(server).runs.watch('demo', 'r1')))).toEqual(['RUNNING', 'COMPLETED'])
  })

  test('ends with the error that says no', async () => {
    const server = await fakeServer(ndjson([sampleRun('RUNNING')], 'cut'), refuse(404, 'not_found', 'No such run.'))
    expect((await failure(clientOf(server).runs.watch('demo', 'r1'))).code).toBe('not_found')
  })

  test('a run that is deleted meanwhile ends as DELETED', async () => {
    const server = await fakeServer(ndjson([sampleRun('DELETING')], 'cut'), refuse(404, 'not_found', 'No such run.'))
    expect(statesOf(await Array.fromAsync(clientOf(server).runs.watch('demo', 'r1')))).toEqual(['DELETING', 'DELETED'])
  })

  test('a server that is never there is told after the retries, not waited for', async () => {
    const server = await fakeServer(hangUp)
    const client = new Davit({ endpoint: server.url, retries: 1 })
    expect((await failure(client.runs.watch('demo', 'r1'))).code).toBe('unreachable')
    expect(server.seen).toHaveLength(2)
  })

  test('an error sent as a line of the stream is thrown', async () => {
    const server = await fakeServer(ndjson([sampleRun('RUNNING'), { status: 403, message: 'no longer yours', errorCode: 'forbidden' }]))
    expect(await failure(clientOf(server).runs.watch('demo', 'r1'))).toMatchObject({ code: 'forbidden', message: 'no longer yours' })
  })

  test('leaving the loop closes the connection', async () => {
    const closed = Promise.withResolvers<void>()
    const open = ndjson([sampleRun('RUNNING')], 'open')
    const server = await fakeServer((response, seen) => {
      response.on('close', () => closed.resolve())
      return open(response, seen)
    })
    for await (const run of clientOf(server).runs.watch('demo', 'r1')) {
      expect(run.status.state).toBe('RUNNING')
      break
    }
    await closed.promise
  })

  test('aborting ends it while the server is silent', async () => {
    const server = await fakeServer(ndjson([sampleRun('RUNNING')], 'open'))
    const controller = new AbortController()
    const states: RunState[] = []
    const watching = failure(
      (async function* () {
        for await (const run of clientOf(server).runs.watch('demo', 'r1', { signal: controller.signal })) {
          states.push(run.status.state)
          setTimeout(() => controller.abort(), 10)
          yield run
        }
      })(),
    )
    expect((await watching).code).toBe('aborted')
    expect(states).toEqual(['RUNNING'])
  })
})

describe('waiting for a run', () => {
  test('returns it when it is final, failed or not, and tells each change', async () => {
    const server = await fakeServer(ndjson([sampleRun('READY'), sampleRun('ERROR')]))
    const seen: RunState[] = []
    const run = await clientOf(server).runs.wait('demo', 'r1', { onChange: ({ status }) => seen.push(status.state) })
    expect(run.status.state).toBe('ERROR')
    expect(seen).toEqual(['READY', 'ERROR'])
  })

  test('a service is ready when it has its address, not before', async () => {
    const server = await fakeServer(ndjson([sampleRun('RUNNING', { action: 'serve' }), sampleRun('RUNNING', { action: 'serve', service: SERVICE })], 'open'))
    const run = await clientOf(server).runs.wait('demo', 'r1', { until: 'ready' })
    expect(run.status.service?.name).toBe('s-r1')
  })

  test('a deployment is ready when it runs', async () => {
    const server = await fakeServer(ndjson([sampleRun('READY', { action: 'deploy' }), sampleRun('RUNNING', { action: 'deploy' })], 'open'))
    expect((await clientOf(server).runs.wait('demo', 'r1', { until: 'ready' })).status.state).toBe('RUNNING')
  })

  test('a service that fails is not waited for any longer', async () => {
    const server = await fakeServer(ndjson([sampleRun('ERROR', { action: 'serve' })], 'open'))
    expect((await clientOf(server).runs.wait('demo', 'r1', { until: 'ready' })).status.state).toBe('ERROR')
  })

  test('a timeout says state, phase and verdict at that time', async () => {
    const verdict: Verdict = { code: 'image-registry-unreachable', title: 'The image registry cannot be reached', evidence: [], hint: 'check the network' }
    const server = await fakeServer(ndjson([sampleRun('READY', { phase: 'pulling', verdict })], 'open'))
    await expect(clientOf(server).runs.wait('demo', 'r1', { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'timeout',
      message: 'run r1 is still READY (pulling) after 1000 ms: The image registry cannot be reached',
      hint: 'check the network',
    })
  })

  test('an abort by the caller is no timeout', async () => {
    const server = await fakeServer(ndjson([sampleRun('READY')], 'open'))
    const controller = new AbortController()
    const waiting = clientOf(server).runs.wait('demo', 'r1', { timeoutMs: 60_000, signal: controller.signal, onChange: () => controller.abort() })
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
  })
})

describe('streaming logs', () => {
  const path = '/api/v1/-/demo/runs/r1/logs/stream'
  const run = json(sampleRun('COMPLETED'))

  test('without follow it ends with what there is', async () => {
    const server = await fakeServer(ndjson([chunk('a', 0), chunk('b', 1)]))
    const chunks = await Array.fromAsync(clientOf(server).runs.streamLogs('demo', 'r1', { container: 'main', tail: 5 }))
    expect(chunks.map(({ data }) => textOf(data))).toEqual(['a', 'b'])
    expect(Object.fromEntries(server.seen[0]?.query ?? [])).toEqual({ container: 'main', offset: '0', follow: 'false', tail: '5' })
  })

  test('after a cut connection it goes on at the next byte, and gives none twice', async () => {
    const server = await fakeServer(ndjson([chunk('one ', 0), chunk('two ', 4)], 'cut'), ndjson([chunk('two three ', 4), chunk('four', 14, { end: true })]))
    const chunks = await Array.fromAsync(clientOf(server).runs.streamLogs('demo', 'r1', { follow: true }))
    expect(chunks.map(({ data }) => textOf(data)).join('')).toBe('one two three four')
    expect(server.seen.map(({ query }) => query.get('offset'))).toEqual(['0', '8'])
  })

  test('with several containers all is asked for again, and what was given is passed over', async () => {
    const again = [chunk('left', 0, { container: 'a' }), chunk('right', 0, { container: 'b' }), chunk('!', 5, { container: 'b', end: true })]
    const server = await fakeServer(ndjson([chunk('left', 0, { container: 'a' }), chunk('ri', 0, { container: 'b' })], 'cut'), ndjson(again))
    const chunks = await Array.fromAsync(clientOf(server).runs.streamLogs('demo', 'r1', { follow: true }))
    expect(chunks.map(({ container, data }) => container + textOf(data))).toEqual(['aleft', 'bri', 'bght', 'b!'])
    expect(server.seen[1]?.query.get('offset')).toBe('0')
  })

  test('a container that began while the connection was cut is given from its first byte', async () => {
    const server = await fakeServer(
      ndjson([chunk('old', 0)], 'cut'),
      ndjson([chunk('er', 3, { attempt: 2 })]), // our offset, applied to a container that we had not seen
      ndjson([chunk('old', 0), chunk('newer', 0, { attempt: 2, end: true })]),
    )
    const chunks = await Array.fromAsync(clientOf(server).runs.streamLogs('demo', 'r1', { follow: true }))
    expect(chunks.map(({ data }) => textOf(data))).toEqual(['old', 'newer'])
    expect(server.seen.map(({ query }) => query.get('offset'))).toEqual(['0', '3', '0'])
  })

  test('the tail is asked for once', async () => {
    const server = await fakeServer(ndjson([chunk('last', 100)], 'cut'), ndjson([chunk('more', 104, { end: true })]))
    await Array.fromAsync(clientOf(server).runs.streamLogs('demo', 'r1', { follow: true, tail: 1 }))
    expect(server.seen.map(({ query }) => query.get('tail'))).toEqual(['1', null])
  })

  test('a server that does not mark the end is believed when the run is final and nothing more comes', async () => {
    const answers = [ndjson([chunk('all', 0)]), ndjson([])]
    const server = await fakeServer((response, seen) => (seen.path === path ? answers.shift()?.(response, seen) : run(response, seen)))
    const chunks = await Array.fromAsync(clientOf(server).runs.streamLogs('demo', 'r1', { follow: true }))
    expect(chunks.map(({ data }) => textOf(data))).toEqual(['all'])
  })

  test('a run that does not exist is told at once', async () => {
    const server = await fakeServer(routes({}))
    expect((await failure(clientOf(server).runs.streamLogs('demo', 'r1', { follow: true }))).code).toBe('not_found')
  })
})
