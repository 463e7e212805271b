import { type Kysely, sql } from 'kysely'

/** A released migration is never edited: the next change is a new file. */
const STATEMENTS = [
  `create table member (
    id text primary key,
    project text not null references project on delete cascade,
    user_name text not null,
    role text not null check (role in ('viewer', 'editor', 'owner')),
    granted_by text not null,
    created timestamptz not null default clock_timestamp(),
    unique (project, user_name))`,
  `create index member_by_user on member (user_name)`,
  `create table account (
    name text primary key,
    kind text not null check (kind in ('user', 'service')),
    admin boolean not null,
    password text,
    issuer text,
    subject text,
    created timestamptz not null default clock_timestamp(),
    last_seen timestamptz,
    unique (issuer, subject))`,
  `create table token (
    id text primary key,
    account text not null references account on delete cascade,
    name text not null,
    hash bytea not null unique,
    hint text not null,
    projects jsonb,
    verbs jsonb,
    created timestamptz not null default clock_timestamp(),
    expires timestamptz,
    last_used timestamptz,
    last_address text)`,
  `create index token_by_account on token (account, created)`,
  `create table session (
    id text primary key,
    account text not null references account on delete cascade,
    kind text not null check (kind in ('browser', 'client')),
    token text references token on delete cascade,
    claims jsonb,
    created timestamptz not null default clock_timestamp(),
    expires timestamptz not null,
    address text)`,
  `create index session_by_account on session (account)`,
  `create index session_by_token on session (token)`,
  `create table ticket (
    hash bytea primary key,
    kind text not null check (kind in ('refresh', 'code', 'login')),
    session text references session on delete cascade,
    detail jsonb not null,
    expires timestamptz not null,
    used timestamptz)`,
  `create index ticket_by_session on ticket (session)`,
  `create index ticket_by_expiry on ticket (expires)`,
  `create table login_failure (key text primary key, count int not null, last timestamptz not null default clock_timestamp())`,
  `create table signing_key (
    kid text primary key,
    public_jwk jsonb not null,
    sealed bytea not null,
    created timestamptz not null default clock_timestamp(),
    retired timestamptz)`,
  `alter table audit add column address text`,
  `create index audit_by_project on audit (project, id desc)`,
  // What a server has cached of who may do what is forgotten everywhere in the moment of the change. Last use alone changes nothing.
  `create function davit_access_changed() returns trigger language plpgsql as $$
  begin
    perform pg_notify('davit_access', '');
    return null;
  end $$`,
  `create trigger member_changed after insert or update or delete on member for each statement execute function davit_access_changed()`,
  `create trigger account_changed after update of admin, password or delete on account for each statement execute function davit_access_changed()`,
  `create trigger token_changed after update of projects, verbs, expires or delete on token for each statement execute function davit_access_changed()`,
  `create trigger session_changed after update of expires or delete on session for each statement execute function davit_access_changed()`,
] as const

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
