import { describeEngine } from '../conformance.ts'
import { memoryEngine } from './engine.ts'
import { memoryState } from './state.ts'

describeEngine(
  'memory',
  async () => {
    const state = memoryState({ restartAfterMs: 50 })
    const theirs = memoryState()
    const silent = (): never => {
      throw new Error('nobody answers')
    }
    return {
      engine: memoryEngine({ state }),
      other: memoryEngine({ state: theirs }),
      unreachable: memoryEngine({ faults: { before: silent } }),
      images: { shell: 'localhost/memory/slow-shell:1', entrypoint: 'localhost/memory/entrypoint:1', missing: 'localhost/memory/missing:1' },
      crash: async (name) =>
        [...state.workloads.values()]
          .flatMap(({ containers }) => containers)
          .find((container) => container.name === name)
          ?.crash(),
      leftovers: async ({ runId }) => [...state.workloads.values()].filter(({ ref }) => ref.runId === runId).map(({ ref }) => ref.name),
      close: async () => state.clear(),
    }
  },
  { pretended: true },
)
