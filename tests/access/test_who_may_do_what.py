"""Roles hold for an account and those below it, and nowhere else: whatever the tree, whoever the person."""

import random
from typing import cast

import pytest

from portal.db import people
from portal.db.glance import glance
from portal.db.work import Connection, Pool
from portal.domain.access import BUYER_ROLES, SUPPLIER_ROLES, Viewer, permissions_of
from portal.domain.refusals import Forbidden

EVERYTHING = sorted({permission for role in BUYER_ROLES.values() for permission in role})
Tree = dict[str, list[str]]


def grown(rolls: random.Random, size: int) -> Tree:
    """Accounts with their paths, in one or more trees."""
    paths: Tree = {}
    for number in (f"A{index}" for index in range(size)):
        above = rolls.choice([None, *paths]) if paths else None
        paths[number] = [*(paths[above] if above else ()), number]
    return paths


def given(rolls: random.Random, paths: Tree) -> dict[str, list[str]]:
    where = rolls.sample(sorted(paths), rolls.randint(0, 4))
    return {number: rolls.sample(sorted(BUYER_ROLES), rolls.randint(1, 2)) for number in where}


def expected(paths: Tree, memberships: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    """Told otherwise than the portal tells it: each membership goes down its own branch."""
    held: dict[str, frozenset[str]] = {}
    for top, roles in memberships.items():
        for number, path in paths.items():
            if top in path:
                held[number] = held.get(number, frozenset()) | permissions_of(roles, BUYER_ROLES)
    return held


async def test_a_person_may_at_each_account_what_their_roles_there_and_above_allow(pool: Pool) -> None:
    rolls = random.Random(7)
    async with pool.acquire() as conn:
        for _ in range(25):
            paths = grown(rolls, 12)
            memberships = given(rolls, paths)
            turn = conn.transaction()
            await turn.start()
            await conn.executemany(
                "insert into account (number, name, currency, parent, path) values ($1, $1, 'GBP', $2, $3)",
                [(number, path[-2] if len(path) > 1 else None, path) for number, path in paths.items()],
            )
            person = await conn.fetchval("insert into person (email, name) values ('p@x', 'P') returning id")
            await conn.executemany(
                "insert into membership (person_id, account, roles) values ($1, $2, $3)",
                [(person, number, roles) for number, roles in memberships.items()],
            )
            found = await people.viewer(cast("Connection", conn), person)
            await turn.rollback()
            assert found is not None
            agrees(found[0], expected(paths, memberships), paths)


def agrees(viewer: Viewer, held: dict[str, frozenset[str]], paths: Tree) -> None:
    assert set(viewer.accounts or ()) == set(held)
    for permission in EVERYTHING:
        where = {number for number, may in held.items() if permission in may}
        assert set(viewer.accounts_where(permission) or ()) == where
        assert viewer.may(permission) == bool(where)
        for number in paths:
            assert viewer.may(permission, number) == (number in where)
        if where:
            narrow = viewer.within(permission)
            assert set(narrow.accounts or ()) == where
            assert narrow.account in where
            assert not any(
                narrow.may(other, number) for other in EVERYTHING for number in paths.keys() - where
            )
        else:
            with pytest.raises(Forbidden):
                viewer.within(permission)


async def test_an_orders_page_is_looked_at_with_the_roles_for_its_account(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(
            """insert into account (number, name, currency, parent, path) values ('TOP', 'Top', 'GBP', null, '{TOP}'),
                   ('SITE', 'Site', 'GBP', 'TOP', '{TOP,SITE}');
               insert into ship_to (account, code, name, lines, city, postal_code, country)
               select number, 'X', 'X', '{}', 'X', 'X', 'GB' from account"""
        )
        person = await conn.fetchval("insert into person (email, name) values ('p@x', 'P') returning id")
        await conn.execute(
            """insert into membership (person_id, account, roles)
               values ($1, 'TOP', '{reader}'), ($1, 'SITE', '{buyer}')""",
            person,
        )
        await conn.execute(
            """insert into orders (number, account, ship_to, placed_at, arrival, delivery_preference, currency, goods,
                   tax, total)
               select 'SO-' || number, number, 'X', now(), row_number() over (), 'as_available', 'GBP', 1, 0, 1
               from account"""
        )
    there, here = [await glance(pool, person, f"SO-{number}") for number in ("TOP", "SITE")]
    assert there is not None
    assert here is not None
    assert (there.may_return, there.may_offer, there.sees_approvals) == (False, False, False)
    assert (here.may_return, here.may_offer, here.sees_approvals) == (True, True, True)
    assert there.may == here.may, "the frame leads where they may go anywhere"


def test_every_role_of_a_buyer_reads_and_its_administrator_may_give_each() -> None:
    reads = BUYER_ROLES["reader"]
    assert all(reads <= may for may in BUYER_ROLES.values())
    assert all(may <= BUYER_ROLES["account_admin"] for may in BUYER_ROLES.values())
    assert all(may <= SUPPLIER_ROLES["admin"] for may in SUPPLIER_ROLES.values())
