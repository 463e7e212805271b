import pg from 'pg'

export const PROJECT = 'million'
export const RUNS = 1_000_000
/** The runs are of so many functions, one in four of the first, and one in eight runs failed. */
export const BUSY_FUNCTION = `container://${PROJECT}/f0:f0`

const FN = `'f' || case when n % 4 = 0 then 0 else n % 97 end`
const KEYED = `(select n, lpad(to_hex(n), 32, '0') as id, ${FN} as fn from generate_series(1, ${RUNS}) n) as made`

const COUNTED = 'project, kind, action, function_ref, task_ref, user_name, state'

/** The rows as the server would have written them. No triggers and no foreign keys meanwhile: a million notifications would be told to whoever listens. */
const STATEMENTS = [
  `set session_replication_role = replica`,
  `insert into project (id, kind, name, project, user_name, metadata, updated_by, spec) values ('${PROJECT}', 'project', '${PROJECT}', '${PROJECT}', 'ann', '{}', 'ann', '{}')`,
  `insert into run (id, kind, name, project, user_name, metadata, created, updated, updated_by, action, function_ref, task_ref, spec, extensions, state, status, extra_status, settled)
   select id, 'container+job:run', id, '${PROJECT}', case when n % 3 = 0 then 'ann' else 'bob' end, '{"description":"made by the bench"}',
     timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second', 'ann', 'job',
     'container://${PROJECT}/' || fn || ':' || fn, 'container+job://${PROJECT}/t' || fn,
     jsonb_build_object('task', 'container+job://${PROJECT}/t' || fn, 'image', 'app:1', 'args', '["sh","-c","echo hello"]'::jsonb),
     '[]', case when n % 8 = 0 then 'ERROR' else 'COMPLETED' end, '{"phase":"collecting","containers":[]}', '{}', true from ${KEYED}`,
  `insert into run_count (${COUNTED}, n) select ${COUNTED}, count(*) from run group by ${COUNTED}`,
  `insert into transition (run, state, at) select id, state, timestamptz '2026-01-01' + n * interval '1 second'
   from ${KEYED}, unnest(array['BUILT', 'READY', 'PENDING', case when n % 8 = 0 then 'ERROR' else 'COMPLETED' end]) state`,
  `insert into attempt (run, number, object, outcome, exit_code, logs_stored, removed)
   select id, 1, 'davit-' || id, case when n % 8 = 0 then 'failed' else 'succeeded' end, 0, true, true from ${KEYED}`,
  `set session_replication_role = default`,
] as const

/** Indexes that are made anew at the end: sorting a million entries once takes less than finding the place of each. */
const INDEXES = `select indexname, indexdef from pg_indexes where tablename in ('run', 'transition', 'attempt') and indexdef not like '%UNIQUE%'`

/** Fills a migrated database with a project of a million runs and their history. */
export const fillMillion = async (connectionString: string): Promise<void> => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(`set maintenance_work_mem = '256MB'`)
    const { rows: indexes } = await client.query<{ indexname: string; indexdef: string }>(INDEXES)
    for (const { indexname } of indexes) await client.query(`drop index ${indexname}`)
    for (const statement of STATEMENTS) await client.query(statement)
    for (const { indexdef } of indexes) await client.query(indexdef)
    for (const table of ['run', 'run_count', 'transition', 'attempt']) await client.query(`vacuum analyze ${table}`)
  } finally {
    await client.end()
  }
}
