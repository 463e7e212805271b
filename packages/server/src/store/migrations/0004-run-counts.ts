import { type Kysely, sql } from 'kysely'

/** What the totals of lists are kept by: every filter over these columns alone is added up, not counted. */
const KEY = 'project, kind, action, function_ref, task_ref, user_name, state'
const of = (row: 'old' | 'new'): string =>
  KEY.split(', ')
    .map((column) => `${row}.${column}`)
    .join(', ')

/**
 * Lists of a million runs: an index in the order of each list, and totals that need no counting (ADR 13). `run_count` is only ever added
 * to, so that writers never wait for one another; its rows are joined together from time to time.
 */
const STATEMENTS = [
  `create index run_by_state on run (project, state, created desc, id desc)`,
  `create index run_of_function on run (project, function_ref, created desc, id desc) include (state)`,
  `drop index run_by_function`,
  `create index run_of_task on run (task_ref, project, created desc, id desc) include (state)`,
  `drop index run_by_task`,
  `create table run_count (
    project text not null,
    kind text not null,
    action text not null,
    function_ref text not null,
    task_ref text not null,
    user_name text not null,
    state text not null,
    n bigint not null)`,
  `create index run_count_by_project on run_count (project)`,
  `insert into run_count (${KEY}, n) select ${KEY}, count(*) from run group by ${KEY}`,
  `create function davit_run_appeared() returns trigger language plpgsql as $$
  begin
    insert into run_count (${KEY}, n) select ${KEY}, count(*) from changed group by ${KEY};
    return null;
  end $$`,
  `create function davit_run_gone() returns trigger language plpgsql as $$
  begin
    insert into run_count (${KEY}, n) select ${KEY}, -count(*) from changed group by ${KEY};
    return null;
  end $$`,
  `create function davit_run_moved() returns trigger language plpgsql as $$
  begin
    insert into run_count (${KEY}, n) values (${of('old')}, -1), (${of('new')}, 1);
    return null;
  end $$`,
  `create trigger run_count_appeared after insert on run referencing new table as changed for each statement execute function davit_run_appeared()`,
  `create trigger run_count_gone after delete on run referencing old table as changed for each statement execute function davit_run_gone()`,
  `create trigger run_count_moved after update of state on run for each row when (old.state is distinct from new.state) execute function davit_run_moved()`,
] as const

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
