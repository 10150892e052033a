"""Every table says whose its rows are, and the role of buyers' connections sees only theirs."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from portal.db import detail, order_list
from portal.db.pool import WrongRole, open_pool
from portal.db.row_policies import (
    BY_ACCOUNT,
    BY_CONNECTION,
    BY_PERSON,
    COMMON,
    FROM_PARENT,
    NOT_GRANTED,
    NOT_GRANTED_BY_ACCOUNT,
    ROLE,
    WITHHELD,
    policies,
)
from portal.db.scoped import reading, scope
from portal.db.tables import metadata
from portal.db.work import Pool
from portal.domain.access import Viewer
from portal.settings import Settings

# The tables of companies that have no column `account`: the company itself, and a column that means another thing.
OTHERWISE = {"account": "number", "approval_seat": "request_account"}
MINE, STRANGERS = "NORDWIND", "SOMEBODY-ELSE"
SEES_ALL = Viewer("portal", "portal", None, frozenset({"*"}))


def of(*accounts: str, person: int | None = None) -> Viewer:
    return Viewer("petra", "Petra", accounts, frozenset({"orders:read"}), person_id=person)


def test_every_table_says_whose_its_rows_are_or_why_nobody_reads_it() -> None:
    named = [*BY_ACCOUNT, *BY_CONNECTION, *BY_PERSON, *COMMON, *NOT_GRANTED]
    assert sorted(named) == sorted(metadata.tables), (
        "say whose a new table's rows are, in portal.db.row_policies"
    )
    assert set(NOT_GRANTED_BY_ACCOUNT) <= set(NOT_GRANTED)


def test_every_table_of_an_account_has_the_account_in_each_row() -> None:
    for name in {**BY_ACCOUNT, **NOT_GRANTED_BY_ACCOUNT}:
        column = metadata.tables[name].c[_column(name)]
        assert not column.nullable or name in SUPPLIERS_TOO, f"{name}.{column.name}"
    others = set(metadata.tables) - {*BY_ACCOUNT, *BY_CONNECTION, *NOT_GRANTED_BY_ACCOUNT}
    assert not [name for name in others if "account" in metadata.tables[name].c]


# The supplier has such rows, too; they have no account, and so no buyer sees them.
SUPPLIERS_TOO = {
    "alert", "connection", "connection_secret", "mail", "token", "watcher",
}  # fmt: skip


async def test_the_database_holds_the_policies_that_the_code_declares(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        """select c.relname as name, c.relrowsecurity as enabled,
               array_agg(p.polname order by p.polname) filter (where p.polname is not null) as names,
               max(pg_get_expr(p.polqual, p.polrelid)) as condition, bool_and(p.polcmd = 'r') as reads_only,
               bool_and(p.polroles = array[$1::regrole::oid]) as buyers_only
           from pg_class c left join pg_policy p on p.polrelid = c.oid
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') group by c.oid""",
        ROLE,
    )
    there = {row["name"]: row for row in rows}
    declared = policies()
    for name in metadata.tables:
        row = there[name]
        assert row["enabled"] == (name in declared), name
        assert row["names"] == ([f"{name}_of_buyers"] if name in declared else None), name
        if name in declared:
            assert row["reads_only"], name
            assert row["buyers_only"], name
            assert _plain(row["condition"]) == _plain(await _as_told(owner, name, declared[name])), name


async def _as_told(conn: asyncpg.Connection, table: str, condition: str) -> str:
    """As PostgreSQL writes the condition down."""
    await conn.execute(f"create policy declared on {table} for select to {ROLE} using ({condition})")
    told: str = await conn.fetchval(
        "select pg_get_expr(polqual, polrelid) from pg_policy where polname = 'declared' and polrelid = $1::regclass",
        table,
    )
    await conn.execute(f"drop policy declared on {table}")
    return told


def _plain(condition: str) -> str:
    return " ".join(condition.split())


async def test_the_role_may_read_what_is_granted_and_do_nothing_else(owner: asyncpg.Connection) -> None:
    granted = {*BY_ACCOUNT, *BY_CONNECTION, *BY_PERSON, *COMMON}
    for name, table in metadata.tables.items():
        may = {
            column.name: await owner.fetchval(
                "select has_column_privilege($1, $2, $3, 'select')", ROLE, name, column.name
            )
            for column in table.columns
        }
        wanted = {column: name in granted and column not in WITHHELD.get(name, ()) for column in may}
        assert may == wanted, name
        for what in ("insert", "update", "delete", "truncate", "references", "trigger"):
            assert not await owner.fetchval("select has_table_privilege($1, $2, $3)", ROLE, name, what), name
    role = await owner.fetchrow(
        "select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = $1", ROLE
    )
    assert tuple(role or ()) == (False, False, False)


async def test_no_view_reads_round_the_policies(owner: asyncpg.Connection) -> None:
    assert not await owner.fetch(
        """select relname from pg_class
           where relnamespace = 'public'::regnamespace and relkind in ('v', 'm') and relname not like 'pg_%'"""
    )
    definers = await owner.fetch(
        """select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"""
    )
    # Both ask of the accounts of the transaction alone; see the test of what a search finds.
    assert {row["proname"] for row in definers} == {"portal_lineage", "portal_orders_with"}


@pytest.fixture
async def filled(owner: asyncpg.Connection) -> asyncpg.Connection:
    """A row in each table, also in those that the seeded book has nothing for: they are made up, and undone."""
    await owner.execute("set local session_replication_role = replica")
    for name in policies():
        whose = f"where {_column(name)} = '{MINE}'" if name in BY_ACCOUNT else ""
        if not await owner.fetchval(f"select exists (select from {name} {whose})"):
            await _make_up(owner, metadata.tables[name])
    await owner.execute(
        "update feed_reader set token_id = (select id from token where account = $1 limit 1) where account = $1",
        MINE,
    )
    return owner


def _column(name: str) -> str:
    return OTHERWISE.get(name, "account")


async def _make_up(conn: asyncpg.Connection, table: Table) -> None:
    for row in await conn.fetch(
        "select conname from pg_constraint where conrelid = $1::regclass and contype = 'c'", table.name
    ):
        await conn.execute(f'alter table {table.name} drop constraint "{row["conname"]}"')
    values = {
        column.name: _value(column)
        for column in table.columns
        if not column.nullable and column.identity is None and column.server_default is None
    }
    values |= {name: f"'{MINE}'" for name in ("account", _column(table.name)) if name in table.c}
    generated = "overriding system value" if any(column.identity for column in table.columns) else ""
    values |= {column.name: "-1" for column in table.columns if column.identity is not None}
    await conn.execute(
        f"insert into {table.name} ({', '.join(values)}) {generated} values ({', '.join(values.values())})"
    )


def _value(column: Any) -> str:
    kind = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    if kind.endswith("[]"):
        return "'{}'"
    simple = {"JSONB": "'{}'", "BYTEA": r"'\x01'", "TEXT": "'1'", "DATE": "current_date", "BOOLEAN": "false"}
    return simple.get(kind, "now()" if kind.startswith("TIMESTAMP") else "1")


async def counts(conn: asyncpg.Connection, viewer: Viewer | None) -> dict[str, int]:
    """How many rows of each table the role sees."""
    await conn.execute(f"set local role {ROLE}")
    await conn.execute(
        scope(viewer) if viewer else "set local portal.accounts = ''; set local portal.person = ''"
    )
    found = {
        name: await conn.fetchval(f"select count(*) from {name}")
        for name in (*BY_ACCOUNT, *BY_CONNECTION, *BY_PERSON)
    }
    await conn.execute("reset role")
    return found


async def test_who_forgets_the_scope_is_shown_nothing(filled: asyncpg.Connection) -> None:
    assert {name: seen for name, seen in (await counts(filled, None)).items() if seen} == {}


async def test_a_stranger_is_shown_nothing_but_the_suppliers_people(filled: asyncpg.Connection) -> None:
    staff = await filled.fetchval("select count(*) from acquaintance where account = ''")
    seen = await counts(filled, of(STRANGERS, person=-1))
    assert {name: number for name, number in seen.items() if number} == {
        "acquaintance": staff,
        "person": staff,
    }


async def test_the_owner_is_shown_all_of_theirs_and_no_more(filled: asyncpg.Connection) -> None:
    numbers = [
        row["number"] for row in await filled.fetch("select number from account where path @> $1", [MINE])
    ]
    seen = await counts(filled, of(*numbers, person=1))
    for name in BY_ACCOUNT:
        whose = "and person_id = 1" if name == "order_visit" else ""
        # The supplier's people are everybody's.
        known = [*numbers, ""] if name == "acquaintance" else numbers
        theirs = await filled.fetchval(
            f"select count(*) from {name} where {_column(name)} = any($1::text[]) {whose}", known
        )
        assert seen[name] == theirs > 0, name


async def test_a_site_reads_what_its_company_agreed_and_nothing_of_what_it_ordered(book: Settings) -> None:
    async with (
        await open_pool(book.database_url, role=ROLE) as buyers,
        reading(buyers, of("NORDWIND-HULL")) as conn,
    ):
        assert await conn.fetchval("select count(*) from price_agreement where account = $1", MINE)
        assert await conn.fetchval("select count(*) from account where number = $1", MINE)
        for table in ("orders", "order_line", "event", "invoice", "token", "connection"):
            assert not await conn.fetchval(
                f"select count(*) from {table} where account <> 'NORDWIND-HULL'"
            ), table


async def test_our_own_queries_show_a_stranger_nothing_when_they_forget_whom_they_ask_for(
    pool: Pool, book: Settings
) -> None:
    number = await pool.fetchval("select number from orders where account = $1 limit 1", MINE)
    async with await open_pool(book.database_url, role=ROLE) as buyers:
        async with reading(buyers, of(STRANGERS)) as conn:
            assert await detail.detail(conn, SEES_ALL, number) is None
            assert await order_list.search(conn, SEES_ALL) == ([], None)
            assert await order_list.search(conn, of(MINE), q=number) == ([], None)
            assert not await conn.fetch("select portal_orders_with('', 'Z', $1)", [MINE])
        async with reading(buyers, of(MINE)) as conn:
            assert await detail.detail(conn, SEES_ALL, number) is not None
            assert len((await order_list.search(conn, of(MINE), q=number))[0]) == 1


async def test_the_scope_ends_with_the_transaction(book: Settings) -> None:
    async with await open_pool(book.database_url, role=ROLE, size=1) as buyers:
        async with reading(buyers, of(MINE)) as conn:
            assert await conn.fetchval("select count(*) from orders")
        async with buyers.acquire() as conn:
            assert not await conn.fetchval("select count(*) from orders")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute("update orders set goods = 0")


async def test_connections_that_lost_their_role_on_the_way_read_nothing(book: Settings) -> None:
    # With the role "none" a connection belongs to whoever connects, as where a pooler has left out another.
    with pytest.raises(WrongRole):
        await open_pool(book.database_url, role="none")


@pytest.mark.parametrize("name", ["O'Brien", 'a"b', "a\\b", "{x,y}", "'; reset role; --", "a b,ü"])
async def test_names_of_accounts_are_only_names(book: Settings, name: str) -> None:
    async with (
        await open_pool(book.database_url, role=ROLE, size=1) as buyers,
        reading(buyers, of(name, "B")) as conn,
    ):
        assert await conn.fetchval("select portal_accounts()") == [name, "B"]
        assert await conn.fetchval("select current_user") == ROLE


async def test_a_row_has_the_account_of_the_row_it_belongs_to_whatever_was_said(
    owner: asyncpg.Connection,
) -> None:
    line = await owner.fetchrow("select * from shipment_line limit 1")
    assert line is not None
    await owner.execute(
        "update shipment_line set account = 'SOMEBODY-ELSE' where line_id = $1", line["line_id"]
    )
    assert not await owner.fetchval("select count(*) from shipment_line where account = 'SOMEBODY-ELSE'")
    for name, parent in FROM_PARENT.items():
        wrong = await owner.fetchval(
            f"""select count(*) from {name} c join {parent.table} p on p.{parent.key} = c.{parent.column}
                where c.{parent.into} is distinct from p.{parent.account}"""
        )
        assert not wrong, name


def test_supplier_people_do_not_read_in_a_buyers_scope() -> None:
    with pytest.raises(AssertionError):
        scope(SEES_ALL)


async def test_what_the_suppliers_systems_are_told_of_an_account_is_not_the_accounts(
    filled: asyncpg.Connection,
) -> None:
    await filled.execute(
        "insert into connection (id, kind, account, url) values ('of_theirs', 'webhook', $1, '/')", MINE
    )
    for connection in ("erp", "of_theirs"):
        await filled.execute(
            "insert into delivery (connection_id, account, type, due_at) values ($1, $2, 'order.placed', now())",
            connection,
            MINE,
        )
    await filled.execute(f"set local role {ROLE}")
    await filled.execute(scope(of(MINE)))
    seen = await filled.fetch("select distinct connection_id from delivery")
    assert "of_theirs" in {row["connection_id"] for row in seen}
    assert "erp" not in {row["connection_id"] for row in seen}
