"""Events and attempts in parts by number, so that what is old lies apart from what is written.

The table as it is becomes the first part of one of the same name: no row is moved or looked at while somebody waits.
That every row is within the part's bounds is checked before, beside everything else; the exchange itself is one short
transaction. See docs/decisions/0015.
"""

import time
from collections.abc import Sequence

from alembic import context, op
from sqlalchemy.exc import DBAPIError

revision: str = "0015"
down_revision: str | Sequence[str] | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LOCK_LIMIT, TRIES, BETWEEN = "900ms", 100, 0.5
# Numbers of a part, and how many parts are there before they are needed.
SIZE, AHEAD = 10_000_000, 3
# What each part holds to for itself: an index over all parts can only be unique with the number in it.
TABLES = {"event": "unique (account, sequence)", "delivery_attempt": ""}

BOUND = """
do $$
declare
    last bigint;
begin
    if exists (select from pg_class where oid = '{table}'::regclass and relkind = 'p')
            or exists (select from pg_constraint where conname = '{table}_bound') then
        return;
    end if;
    -- Numbers that are given until the exchange must be within it as well.
    execute format('select last_value from %s', pg_get_serial_sequence('{table}', 'id')) into last;
    execute format('alter table {table} add constraint {table}_bound check (id < %s) not valid',
        ((last + {size} / 10) / {size} + 1) * {size});
end $$
"""
CHECKED = """
do $$
begin
    if exists (select from pg_constraint where conname = '{table}_bound' and not convalidated) then
        alter table {table} validate constraint {table}_bound;
    end if;
end $$
"""
# References, triggers and policies are taken off and put on again as they were, whatever they are.
DIVIDE = """
do $$
declare
    one record;
    inbound text[] := '{{}}';
    again text[] := '{{}}';
    statement text;
    last bigint;
    upper bigint;
begin
    if exists (select from pg_class where oid = '{table}'::regclass and relkind = 'p') then
        return;
    end if;
    lock table {table} in access exclusive mode;
    execute format('select case when is_called then last_value + 1 else last_value end from %s',
        pg_get_serial_sequence('{table}', 'id')) into last;
    select substring(pg_get_constraintdef(oid) from '[0-9]+')::bigint into upper
    from pg_constraint where conname = '{table}_bound';
    for one in select conrelid::regclass::text as referring, conname, pg_get_constraintdef(oid) as said
            from pg_constraint where confrelid = '{table}'::regclass and contype = 'f' and conparentid = 0 order by 1 loop
        execute format('alter table %s drop constraint %I', one.referring, one.conname);
        inbound := inbound || format('alter table %s add constraint %I %s not valid', one.referring, one.conname, one.said);
    end loop;
    for one in select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as said, indisunique
            from pg_index where indrelid = '{table}'::regclass order by 1 loop
        if not one.indisunique then
            again := again || one.said;
        end if;
        execute format('alter index %I rename to %I', one.name, replace(one.name, '{table}_', '{table}_from_0_'));
    end loop;
    for one in select conname, pg_get_constraintdef(oid) as said from pg_constraint
            where conrelid = '{table}'::regclass and contype = 'f' order by 1 loop
        again := again || format('alter table {table} add constraint %I %s', one.conname, one.said);
    end loop;
    for one in select tgname, pg_get_triggerdef(oid) as said from pg_trigger
            where tgrelid = '{table}'::regclass and not tgisinternal order by 1 loop
        again := again || one.said;
        execute format('drop trigger %I on {table}', one.tgname);
    end loop;
    for one in select polname, pg_get_expr(polqual, polrelid) as said from pg_policy
            where polrelid = '{table}'::regclass order by 1 loop
        again := again || format('create policy %I on {table} for select to portal_buyer using (%s)',
            one.polname, one.said);
        execute format('drop policy %I on {table}', one.polname);
    end loop;
    revoke all on {table} from portal_buyer;
    alter table {table} disable row level security;
    alter table {table} alter column id drop identity;
    alter table {table} rename to {table}_from_0;
    create table {table} (like {table}_from_0 including defaults including storage) partition by range (id);
    execute format('alter table {table} alter column id add generated always as identity (start with %s)', last);
    alter table {table} add constraint {table}_pkey primary key (id);
    foreach statement in array again loop
        execute statement;
    end loop;
    execute format('alter table {table} attach partition {table}_from_0 for values from (minvalue) to (%s)', upper);
    alter table {table}_from_0 drop constraint {table}_bound;
    for n in 0 .. {ahead} - 1 loop
        execute format('create table {table}_from_%s (like {table} including defaults including storage{own})',
            upper + n * {size}::bigint);
        execute format('alter table {table} attach partition {table}_from_%s for values from (%s) to (%s)',
            upper + n * {size}::bigint, upper + n * {size}::bigint, upper + (n + 1) * {size}::bigint);
    end loop;
    alter table {table} enable row level security;
    grant select on {table} to portal_buyer;
    foreach statement in array inbound loop
        execute statement;
    end loop;
end $$
"""
REFERRED = """
do $$
declare
    one record;
begin
    for one in select conrelid::regclass::text as referring, conname from pg_constraint
            where confrelid = '{table}'::regclass and contype = 'f' and conparentid = 0 and not convalidated loop
        execute format('alter table %s validate constraint %I', one.referring, one.conname);
    end loop;
end $$
"""
# The first part becomes the table again, with what the other parts hold.
UNITE = """
do $$
declare
    one record;
    inbound text[] := '{{}}';
    again text[] := '{{}}';
    statement text;
    last bigint;
begin
    if not exists (select from pg_class where oid = '{table}'::regclass and relkind = 'p') then
        return;
    end if;
    lock table {table} in access exclusive mode;
    execute format('select case when is_called then last_value + 1 else last_value end from %s',
        pg_get_serial_sequence('{table}', 'id')) into last;
    for one in select conrelid::regclass::text as referring, conname, pg_get_constraintdef(oid) as said
            from pg_constraint where confrelid = '{table}'::regclass and contype = 'f' and conparentid = 0 order by 1 loop
        execute format('alter table %s drop constraint %I', one.referring, one.conname);
        inbound := inbound || format('alter table %s add constraint %I %s not valid', one.referring, one.conname, one.said);
    end loop;
    for one in select pg_get_triggerdef(oid) as said from pg_trigger
            where tgrelid = '{table}'::regclass and not tgisinternal and tgparentid = 0 order by 1 loop
        again := again || one.said;
    end loop;
    for one in select polname, pg_get_expr(polqual, polrelid) as said from pg_policy
            where polrelid = '{table}'::regclass order by 1 loop
        again := again || format('create policy %I on {table} for select to portal_buyer using (%s)',
            one.polname, one.said);
    end loop;
    alter table {table} detach partition {table}_from_0;
    execute format('insert into {table}_from_0 overriding system value select * from {table}');
    drop table {table};
    alter table {table}_from_0 rename to {table};
    for one in select indexrelid::regclass::text as name from pg_index where indrelid = '{table}'::regclass loop
        execute format('alter index %I rename to %I', one.name, replace(one.name, '{table}_from_0_', '{table}_'));
    end loop;
    begin
        alter table {table} alter column id drop identity;
    exception when object_not_in_prerequisite_state then null;
    end;
    execute format('alter table {table} alter column id add generated always as identity (start with %s)', last);
    foreach statement in array again loop
        execute statement;
    end loop;
    alter table {table} enable row level security;
    grant select on {table} to portal_buyer;
    foreach statement in array inbound loop
        execute statement;
    end loop;
end $$
"""


def upgrade() -> None:
    _each(BOUND, CHECKED, DIVIDE, REFERRED)


def downgrade() -> None:
    _each(UNITE, REFERRED)


def _each(*steps: str) -> None:
    with op.get_context().autocommit_block():
        op.execute(f"set lock_timeout = '{LOCK_LIMIT}'")
        for table, own in TABLES.items():
            for step in steps:
                _briefly(step.format(table=table, size=SIZE, ahead=AHEAD, own=f", {own}" if own else ""))
        op.execute("set lock_timeout = '5s'")


def _briefly(statement: str) -> None:
    """In a transaction of its own, again and again until its lock is free: see 0013."""
    if context.is_offline_mode():
        op.execute(statement)
        return
    for left in reversed(range(TRIES)):
        try:
            op.get_bind().exec_driver_sql(statement)
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != "55P03" or not left:
                raise
            time.sleep(BETWEEN)
