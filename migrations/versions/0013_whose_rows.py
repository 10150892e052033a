"""Whose each row is: rows that belong to another get its account, by triggers, and what is there already is filled in.

Each statement is its own transaction, so that no lock is held while another is waited for, and tables in use are filled
a slice at a time. Code that does not know of the columns goes on writing meanwhile. Whatever was done can be done again:
a migration that was interrupted is simply run once more.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.exc import DBAPIError

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Whoever wants to write waits behind a statement that waits for its lock: so it does not wait long, but asks again.
LOCK_LIMIT, TRIES, BETWEEN = "900ms", 100, 0.5
# Pages of a table that are filled in one statement: a few thousand rows.
SLICE = 200


class Child(NamedTuple):
    """`column` names the row of `parent` (by its `key`) whose account it has."""

    table: str
    column: str
    parent: str
    key: str = "id"
    into: str = "account"
    nullable: bool = False


CHILDREN = (
    Child("agreed_price", "agreement", "price_agreement", "number"),
    Child("alert", "connection_id", "connection", nullable=True),
    Child("approval_decision", "request_id", "approval_request"),
    Child("approval_link", "request_id", "approval_request"),
    Child("approval_seat", "request_id", "approval_request", into="request_account"),
    Child("approval_step", "request_id", "approval_request"),
    Child("carrier_event", "shipment_id", "shipment"),
    Child("cart_line", "cart_id", "cart"),
    Child("cart_upload", "cart_id", "cart"),
    Child("connection_secret", "connection_id", "connection", nullable=True),
    Child("dispute_line", "dispute_id", "dispute"),
    Child("dispute_message", "dispute_id", "dispute"),
    Child("goods_return_line", "return_id", "goods_return"),
    Child("impersonation_view", "impersonation_id", "impersonation"),
    Child("invoice_document", "invoice_id", "invoice"),
    Child("invoice_tax", "invoice_id", "invoice"),
    Child("order_visit", "order_id", "orders"),
    Child("package", "shipment_id", "shipment"),
    Child("return_credit", "return_id", "goods_return"),
    Child("return_picture", "return_id", "goods_return"),
    Child("return_receipt", "return_id", "goods_return"),
    Child("saved_list_line", "list_id", "saved_list"),
    Child("shipment_line", "shipment_id", "shipment"),
    Child("watcher", "connection_id", "connection", nullable=True),
)
# Rows that are never rewritten are given their account once.
ONLY_FILLED = """tg_op = 'UPDATE' and to_jsonb(old) ->> 'account' is null
            and to_jsonb(new) - 'account' = to_jsonb(old) - 'account'"""
NEVER_REWRITTEN = """
create or replace function entry_is_never_rewritten() returns trigger language plpgsql as $$
begin
    {unless}raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'check_violation';
end $$
"""
KEPT = """
create or replace function document_is_kept() returns trigger language plpgsql as $$
begin
    {unless}raise exception 'the document of invoice % was made already', old.invoice_id using errcode = 'check_violation';
end $$
"""
UNLESS = f"""if {ONLY_FILLED} then
        return new;
    end if;
    """
OWNER = """
create or replace function {table}_owner() returns trigger language plpgsql as $$
begin
    select p.account into new.{into} from {parent} p where p.{key} = new.{column};
    return new;
end $$
"""
OWNED = """create or replace trigger {table}_owner before insert or update of {column}, {into} on {table}
    for each row execute function {table}_owner()"""

# Who was ever seen in an account; see the table's own words in `portal.db.tables.people`.
ACQUAINTANCE = (
    """create table if not exists acquaintance (
        person_id bigint not null constraint acquaintance_person_id_fkey references person (id) on delete cascade,
        account text not null,
        constraint acquaintance_pkey primary key (person_id, account))""",
    """create or replace function is_acquainted() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'person' then
        insert into acquaintance (person_id, account) values (new.id, '') on conflict do nothing;
    elsif tg_table_name = 'approval_seat' then
        insert into acquaintance (person_id, account) values (new.person_id, new.request_account)
        on conflict do nothing;
    elsif tg_table_name = 'delegation' then
        insert into acquaintance (person_id, account)
        values (new.from_person_id, new.account), (new.to_person_id, new.account) on conflict do nothing;
    else
        insert into acquaintance (person_id, account) values (new.person_id, new.account) on conflict do nothing;
    end if;
    return null;
end $$""",
)
MEETINGS = (
    """create or replace trigger membership_acquaints after insert or update of account on membership
       for each row execute function is_acquainted()""",
    """create or replace trigger approval_seat_acquaints after insert on approval_seat
       for each row execute function is_acquainted()""",
    """create or replace trigger delegation_acquaints after insert on delegation
       for each row execute function is_acquainted()""",
    """create or replace trigger person_acquaints after insert or update of supplier_roles on person
       for each row when (new.supplier_roles <> '{}') execute function is_acquainted()""",
)
MET = """
insert into acquaintance (person_id, account)
select person_id, account from membership
union select id, '' from person where supplier_roles <> '{}'
union select i.actor_id, '' from impersonation i
union select s.person_id, r.account from approval_seat s join approval_request r on r.id = s.request_id
union select d.person_id, r.account from approval_decision d join approval_request r on r.id = d.request_id
    where d.person_id is not null
union select requester_id, account from approval_request where requester_id is not null
union select from_person_id, account from delegation
union select to_person_id, account from delegation
union select person_id, account from orders where person_id is not null
union select person_id, account from goods_return where person_id is not null
union select person_id, account from dispute where person_id is not null
union select person_id, account from saved_list
union select person_id, account from token where person_id is not null and account is not null
on conflict do nothing
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _briefly(f"set lock_timeout = '{LOCK_LIMIT}'")
        for statement in ACQUAINTANCE:
            _briefly(statement)
        for child in CHILDREN:
            _briefly(f"alter table {child.table} add column if not exists {child.into} text")
            _briefly(OWNER.format(**child._asdict()))
            _briefly(OWNED.format(**child._asdict()))
        for meeting in MEETINGS:
            _briefly(meeting)
        _briefly(MET)
        _briefly(NEVER_REWRITTEN.format(unless=UNLESS))
        _briefly(KEPT.format(unless=UNLESS))
        for child in CHILDREN:
            _fill(child)
        _briefly(NEVER_REWRITTEN.format(unless=""))
        _briefly(KEPT.format(unless=""))
        for child in CHILDREN:
            _never_empty(child)
        _briefly("set lock_timeout = '5s'")


def _briefly(statement: str) -> None:
    """In a transaction of its own, again and again until its lock is free."""
    if context.is_offline_mode():
        # Each can be run again by itself.
        op.execute(f"-- squawk-ignore prefer-robust-stmts, ban-drop-constraint\n{statement.strip()}")
        return
    for left in reversed(range(TRIES)):
        try:
            op.get_bind().exec_driver_sql(statement)
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != "55P03" or not left:
                raise
            time.sleep(BETWEEN)


def _fill(child: Child) -> None:
    """Slice by slice, from the first page to the last that there is now: what is written behind it has its account."""
    fill = (
        f"update {child.table} c set {child.into} = p.account from {child.parent} p "
        f"where p.{child.key} = c.{child.column} and c.{child.into} is null and p.account is not null"
    )
    if context.is_offline_mode():
        _briefly(fill)
        return
    pages = op.get_bind().scalar(
        sa.text(f"select pg_relation_size('{child.table}') / current_setting('block_size')::bigint")
    )
    for page in range(0, pages or 0, SLICE):
        _briefly(f"{fill} and c.ctid >= '({page},0)' and c.ctid < '({page + SLICE},0)'")


def _never_empty(child: Child) -> None:
    """Checked while others write; then `not null` believes the check and need not look again."""
    if child.nullable:
        return
    name = f"{child.table}_{child.into}_filled"
    _briefly(f"alter table {child.table} drop constraint if exists {name}")
    _briefly(f"alter table {child.table} add constraint {name} check ({child.into} is not null) not valid")
    _briefly(f"alter table {child.table} validate constraint {name}")
    _briefly(f"alter table {child.table} alter column {child.into} set not null")
    _briefly(f"alter table {child.table} drop constraint {name}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _briefly(f"set lock_timeout = '{LOCK_LIMIT}'")
        for table in ("person", "delegation", "approval_seat", "membership"):
            _briefly(f"drop trigger if exists {table}_acquaints on {table}")
        _briefly("drop function if exists is_acquainted()")
        for child in CHILDREN:
            _briefly(f"drop trigger if exists {child.table}_owner on {child.table}")
            _briefly(f"drop function if exists {child.table}_owner()")
            _briefly(f"alter table {child.table} drop column if exists {child.into}")
        _briefly("drop table if exists acquaintance")
        _briefly("set lock_timeout = '5s'")
