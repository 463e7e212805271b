import { type Kysely, sql } from 'kysely'

const ENTITY = `
  id text primary key,
  kind text not null,
  name text not null,
  project text not null,
  user_name text not null,
  metadata jsonb not null,
  created timestamptz not null default clock_timestamp(),
  updated timestamptz not null default clock_timestamp(),
  updated_by text not null`

/** A released migration is never edited: the next change is a new file. */
const STATEMENTS = [
  `create table project (${ENTITY}, spec jsonb not null)`,
  `create table function (${ENTITY}, spec jsonb not null, extra_status jsonb not null)`,
  `create index function_versions on function (project, name, created desc, id desc)`,
  `create table task (${ENTITY}, function_ref text not null, spec jsonb not null, unique (project, function_ref, kind))`,
  `create table secret (${ENTITY}, spec jsonb not null, sealed bytea, unique (project, name))`,
  `create table run (${ENTITY},
    action text not null,
    function_ref text not null,
    task_ref text not null,
    spec jsonb not null,
    extensions jsonb not null,
    state text not null,
    status jsonb not null,
    extra_status jsonb not null,
    revision bigint not null default 1,
    settled boolean not null,
    look_at timestamptz not null default clock_timestamp(),
    lease_owner text,
    lease_token bigint not null default 0,
    lease_until timestamptz)`,
  `create index run_by_created on run (project, created desc, id desc)`,
  `create index run_by_function on run (project, function_ref)`,
  `create index run_by_task on run (task_ref)`,
  `create index run_to_look_at on run (look_at) where not settled`,
  `create table transition (
    run text not null references run on delete cascade,
    seq bigint generated always as identity primary key,
    state text not null,
    message text,
    at timestamptz not null default clock_timestamp())`,
  `create index transition_by_run on transition (run, seq desc)`,
  `create table attempt (
    run text not null references run on delete cascade,
    number int not null,
    object text not null unique,
    uid text,
    created timestamptz not null default clock_timestamp(),
    started timestamptz,
    ended timestamptz,
    outcome text,
    exit_code int,
    logs_stored boolean not null default false,
    removed boolean not null default false,
    primary key (run, number))`,
  `create table log_stream (
    run text not null references run on delete cascade,
    attempt int not null,
    container text not null,
    project text not null,
    user_name text not null,
    first bigint not null,
    bytes bigint not null,
    complete boolean not null,
    created timestamptz not null default clock_timestamp(),
    primary key (run, attempt, container))`,
  `create table log_chunk (
    run text not null,
    attempt int not null,
    container text not null,
    start bigint not null,
    data bytea not null,
    primary key (run, attempt, container, start),
    foreign key (run, attempt, container) references log_stream on delete cascade)`,
  `create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    verb text not null,
    project text not null,
    entity text not null,
    entity_id text not null,
    request_id text,
    detail jsonb not null)`,
  `create index audit_by_entity on audit (entity, entity_id, id desc)`,
  `create table setting (name text primary key, value text not null)`,
  // Whoever changes what a client can see of a run tells all replicas, in the same transaction; lease changes tell nobody.
  `create function davit_run_changed() returns trigger language plpgsql as $$
  begin
    perform pg_notify('davit_run', coalesce(new.id, old.id));
    return null;
  end $$`,
  `create trigger run_inserted after insert or delete on run for each row execute function davit_run_changed()`,
  `create trigger run_updated after update on run for each row when (old.revision is distinct from new.revision) execute function davit_run_changed()`,
] as const

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
