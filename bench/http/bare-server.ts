import Fastify from 'fastify'
import pg from 'pg'

/**
 * What anybody would write who only wants the rows: Fastify with its defaults and the statements that Davit sends for the same
 * request, no contract, no validation, no notes. Takes the database's URL; says `ready URL` as Davit does.
 */
const [, , connectionString] = process.argv
const pool = new pg.Pool({ connectionString, max: 20 })
const app = Fastify()

const RUN = 'select * from run where project = $1 and id = $2'
const METRICS = 'select run, name, value from run_metric where run = any($1) order by run, name'
const TRANSITIONS = 'select run, state, message, at from transition where run = any($1) order by seq desc'
const ATTEMPTS = 'select * from attempt where run = $1 order by number'
const PROJECT = 'select * from project where id = $1 for share'
const TASK = 'select * from task where project = $1 and id = $2'
const FUNCTION = 'select * from function where project = $1 and id = $2'
const INSERT = `with made as (
    insert into run (id, kind, name, project, user_name, updated_by, action, function_ref, task_ref, metadata, spec, extensions, state, status, extra_status, settled)
    values ($1, $2, $1, $3, 'bench', 'bench', 'job', $4, $5, '{}', $6, '[]', 'CREATED', '{}', '{}', true) on conflict do nothing returning *),
  told as (insert into transition (run, state, at) select made.id, passed.state, made.created from made, unnest($7::text[]) with ordinality as passed(state, n) order by n)
  select * from made`
const AUDIT = `insert into audit (actor, verb, project, entity, entity_id, request_id, detail) values ('bench', 'run.create', $1, 'run', $2, $3, '{}')`

const NAMES = new Map([RUN, TRANSITIONS, ATTEMPTS, METRICS, PROJECT, TASK, FUNCTION, INSERT, AUDIT].map((text, index) => [text, `s${index}`]))
/** Prepared, as Davit's are. */
const statement = (text: string, values: unknown[]): pg.QueryConfig => ({ name: NAMES.get(text) ?? '', text, values })

app.get<{ Params: { project: string; id: string } }>('/api/v1/-/:project/runs/:id', async ({ params: { project, id } }) => {
  const { rows } = await pool.query(statement(RUN, [project, id]))
  const [transitions, attempts, metrics] = await Promise.all([
    pool.query(statement(TRANSITIONS, [[id]])),
    pool.query(statement(ATTEMPTS, [id])),
    pool.query(statement(METRICS, [[id]])),
  ])
  return { ...rows[0], transitions: transitions.rows, attempts: attempts.rows, metrics: metrics.rows }
})

interface NewRun {
  readonly kind: string
  readonly spec: { readonly task: string }
}

app.post<{ Params: { project: string }; Body: NewRun }>('/api/v1/-/:project/runs', async ({ params: { project }, body: { kind, spec }, id: requestId }) => {
  const id = globalThis.crypto.randomUUID().replaceAll('-', '')
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(statement(PROJECT, [project]))
    const task = await client.query(statement(TASK, [project, spec.task.slice(spec.task.lastIndexOf('/') + 1)]))
    const ref: string = task.rows[0].spec.function
    await client.query(statement(FUNCTION, [project, ref.slice(ref.lastIndexOf(':') + 1)]))
    const { rows } = await client.query(statement(INSERT, [id, kind, project, ref, spec.task, JSON.stringify(spec), []]))
    await client.query(statement(AUDIT, [project, id, requestId]))
    await client.query('commit')
    return { ...rows[0], transitions: [], attempts: [] }
  } finally {
    client.release()
  }
})

process.on('SIGTERM', () => process.exit(0))
process.stdout.write(`ready ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
