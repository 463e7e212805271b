import pg from 'pg'

export const PROJECT = 'million'
export const RUNS = 1_000_000
/** The runs are of so many functions, one in four of the first, and one in eight runs failed. */
export const BUSY_FUNCTION = `container://${PROJECT}/f0:f0`

const FN = `'f' || case when n % 4 = 0 then 0 else n % 97 end`
const KEYED = `(select n, lpad(to_hex(n), 32, '0') as id, ${FN} as fn from generate_series(1, ${RUNS}) n) as made`

/** The rows as the server writes them: the triggers of `run` fire, foreign keys are not looked up one by one. */
const STATEMENTS = [
  `insert into project (id, kind, name, project, user_name, metadata, updated_by, spec) values ('${PROJECT}', 'project', '${PROJECT}', '${PROJECT}', 'ann', '{}', 'ann', '{}')`,
  `insert into run (id, kind, name, project, user_name, metadata, created, updated, updated_by, action, function_ref, task_ref, spec, extensions, state, status, extra_status, settled)
   select id, 'container+job:run', id, '${PROJECT}', case when n % 3 = 0 then 'ann' else 'bob' end, '{"description":"made by the bench"}',
     timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second', 'ann', 'job',
     'container://${PROJECT}/' || fn || ':' || fn, 'container+job://${PROJECT}/t' || fn,
     jsonb_build_object('task', 'container+job://${PROJECT}/t' || fn, 'image', 'app:1', 'args', '["sh","-c","echo hello"]'::jsonb),
     '[]', case when n % 8 = 0 then 'ERROR' else 'COMPLETED' end, '{"phase":"collecting","containers":[]}', '{}', true from ${KEYED}`,
  `set session_replication_role = replica`,
  `insert into transition (run, state, at) select id, state, timestamptz '2026-01-01' + n * interval '1 second'
   from ${KEYED}, unnest(array['BUILT', 'READY', 'PENDING', case when n % 8 = 0 then 'ERROR' else 'COMPLETED' end]) state`,
  `insert into attempt (run, number, object, outcome, exit_code, logs_stored, removed)
   select id, 1, 'davit-' || id, case when n % 8 = 0 then 'failed' else 'succeeded' end, 0, true, true from ${KEYED}`,
  `set session_replication_role = default`,
  `vacuum analyze run`,
  `vacuum analyze transition`,
  `vacuum analyze attempt`,
  `vacuum analyze run_count`,
] as const

/** Fills a migrated database with a project of a million runs and their history. */
export const fillMillion = async (connectionString: string): Promise<void> => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    for (const statement of STATEMENTS) await client.query(statement)
  } finally {
    await client.end()
  }
}
