import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What is counted, with labels of few values only: no ids, no names. */
export const createMetrics = () => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    requests: new Histogram({
      name: 'davit_http_request_seconds',
      help: 'Time to answer a request',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    passes: new Histogram({
      name: 'davit_reconcile_pass_seconds',
      help: 'Time of one pass over a run',
      buckets: [0.001, 0.01, 0.05, 0.2, 1, 5, 30],
      registers,
    }),
    failures: new Counter({ name: 'davit_reconcile_failures_total', help: 'Passes that failed and are tried again', labelNames: ['of'] as const, registers }),
    orphans: new Counter({ name: 'davit_orphans_removed_total', help: 'Engine objects removed because no run wanted them', registers }),
    queue: (size: () => number) =>
      new Gauge({
        name: 'davit_reconcile_queue',
        help: 'Runs worked on or waiting for it',
        registers,
        collect() {
          this.set(size())
        },
      }),
  }
}
export type Metrics = ReturnType<typeof createMetrics>
