import { type Kysely, sql } from 'kysely'

const TOLD = ['project', 'function', 'task', 'run', 'secret'] as const

/** A released migration is never edited: the next change is a new file. */
const STATEMENTS = [
  `create table run_metric (
    run text not null references run on delete cascade,
    name text not null,
    value jsonb not null,
    primary key (run, name))`,
  // What WebSocket clients are told of: which entity, where, whose, and what happened to it. The payload is far below NOTIFY's 8,000 bytes.
  `create function davit_entity_changed() returns trigger language plpgsql as $$
  declare
    changed record;
  begin
    if TG_OP = 'DELETE' then changed := old; else changed := new; end if;
    perform pg_notify('davit_event', json_build_object(
      'entity', TG_TABLE_NAME, 'id', changed.id, 'project', changed.project, 'user', changed.user_name, 'name', changed.name, 'kind', changed.kind,
      'action', case TG_OP when 'INSERT' then 'CREATE' else TG_OP end)::text);
    return null;
  end $$`,
  ...TOLD.filter((table) => table !== 'run').map(
    (table) => `create trigger ${table}_told after insert or update or delete on ${table} for each row execute function davit_entity_changed()`,
  ),
  `create trigger run_told after insert or delete on run for each row execute function davit_entity_changed()`,
  `create trigger run_update_told after update on run for each row when (old.revision is distinct from new.revision) execute function davit_entity_changed()`,
] as const

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
