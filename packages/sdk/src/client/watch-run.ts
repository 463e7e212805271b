import type { Run } from '#contract/run.ts'
import { isFinal } from '#contract/run-state.ts'
import { only } from './only.ts'
import { resume } from './resume.ts'

export interface Watched {
  readonly open: () => AsyncIterable<Run>
  readonly retries: number
  readonly signal: AbortSignal | undefined
}

/** A run's changes out of as many connections as it takes; what a new connection repeats is left out. */
export async function* watchRun({ open, retries, signal }: Watched): AsyncGenerator<Run, void> {
  let last: Run | undefined
  let lastText = ''
  const news = async function* () {
    try {
      for await (const run of open()) {
        const text = JSON.stringify(run)
        if (text === lastText) continue
        last = run
        lastText = text
        yield run
        if (isFinal(run.status.state)) return
      }
    } catch (error) {
      if (last?.status.state !== 'DELETING') throw error
      only('not_found')(error) // gone as asked
      last = { ...last, status: { ...last.status, state: 'DELETED' } }
      yield last
    }
  }
  const done = () => last !== undefined && isFinal(last.status.state)
  yield* resume({ open: news, done, retries, signal })
}
