"""What is ready, on one page; many rows asked for at once, each done once, whatever happens to the worker."""

import asyncio
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from html import unescape

import asyncpg
import pytest

from portal.db import ready
from portal.db.pool import open_pool
from portal.db.ready import Key, Wanted
from portal.domain.refusals import Unacceptable
from portal.operations import bulk
from tests.desk.floor import MIRA, Floor, Form, furnish, now
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json

PATIENCE = 30


@pytest.fixture(scope="module")
def floor(start_portal: Callable[..., Portal]) -> Floor:
    return furnish(start_portal(worker=True))


def row(order: Json, mode: str = "parcel", location: str = "MAIN") -> str:
    return f"{order['number']}/{mode}/{location}"


def ask(floor: Floor, do: str, rows: list[str], who: str = cast.DEV, **fields: str) -> Form:
    """Tick these rows and press that button; the page of the run, or the page that came back."""
    page = floor.open("/desk/ready", who)
    token = page.fields["_csrf"]
    form = {"_csrf": token, "form": page.fields["form"], "do": do, "row": rows} | fields
    answer = page.guest.client.post("/desk/ready", data=form)
    if answer.status_code != 303:
        return Form.of(page.guest, answer, "/desk/ready")
    return over(Form.of(page.guest, answer, answer.headers["location"]))


def over(page: Form) -> Form:
    """The page of the run once nothing of it waits."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answer = page.guest.client.get(page.action)
        if "Finished:" in answer.text:
            return Form.of(page.guest, answer, page.action)
        assert "every 1s" in answer.text, "it asks again by itself while something waits"
        time.sleep(0.1)
    raise AssertionError(f"not over within {PATIENCE} s: {page.guest.client.get(page.action).text}")


def outcomes(page: Form) -> list[str]:
    """The words of each row, without the marks around them."""
    rows = re.findall(r'<tr id="row-\d+">(.*?)</tr>', page.answer.text, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in rows]


def test_what_can_ship_is_counted_by_place_and_mode_and_what_cannot_is_named(floor: Floor) -> None:
    floor.world.location("EAST", name="Norwich")
    floor.world.product("CRATE", weight_kg="2.5")
    floor.world.product("TANK", mode="freight", weight_kg="40")
    for sku in ("CRATE", "TANK"):
        floor.world.stock("EAST", sku, 1000)
    floor.world.account("WHOLE", delivery_preference="complete_only")
    free = floor.order(("CRATE", 10), ("TANK", 2), requested_on="2026-12-04")
    held = floor.order(("CRATE", 10), ("CRATE", 5))
    floor.world.hold(held, "finance", lines=[2])
    whole = floor.order(("CRATE", 10), ("CRATE", 999_999), account="WHOLE")
    text = floor.open("/desk/ready").said
    east = text[text.index(">Norwich</a>") :]
    assert east.index('<b>2 orders</b></a> <span class="muted">2 lines</span>') < 400, "parcels"
    assert east.index('<b>1 order</b></a> <span class="muted">1 line</span>') < 600, "freight"
    assert re.search(
        r"lines? (is|are) held; 2 lines wait for the rest of orders that ship complete only\.", text
    )
    assert row(free, "freight", "EAST") in text
    assert row(held, location="EAST") in text, "what is not held of it can ship"
    assert row(whole, location="EAST") not in text
    freight = floor.open("/desk/ready?mode=freight&location=EAST").said
    assert row(free, "freight", "EAST") in freight
    assert held["number"] not in freight
    assert "80 kg" in freight, "two tanks"
    stopped = floor.open("/desk/ready?stopped=1").said
    assert 'name="row"' not in stopped
    assert "Held by our finance team" in stopped
    assert whole["number"] in stopped
    floor.world.release(held, floor.world.read(held)["holds"][0]["id"])
    for odd in (
        "?mode=air&location=%00&after=x_y",
        "?after=2026-13-01_1_parcel_MAIN",
        "?due=1&after=" + "9" * 300,
    ):
        assert floor.person().client.get("/desk/ready" + odd).status_code == 200


def test_the_oldest_promise_stands_first_and_what_is_late_says_so(floor: Floor) -> None:
    old = floor.order(("BOLT", 10))
    floor.world.now("2026-11-25T09:00:00Z")
    new = floor.order(("BOLT", 10))
    text = floor.open("/desk/ready").said
    assert text.index(row(old)) < text.index(row(new))
    assert "6 days late" in text
    due = floor.open("/desk/ready?due=1").said
    assert row(old) in due
    assert row(new) not in due
    floor.world.now("2026-11-18T09:00:00Z")


async def test_pages_follow_each_other_without_a_gap(floor: Floor) -> None:
    orders = [floor.order(("BOLT", 1), ("PUMP", 1)) for _ in range(5)]
    found: list[Key] = []
    async with await open_pool(floor.portal.database_url, size=1) as pool, pool.acquire() as conn:
        key: Key | None = None
        for _ in range(10):
            rows, key = await ready.rows(conn, Wanted(after=key), 3)  # type: ignore[arg-type]
            found += [one.key for one in rows]
            if key is None:
                break
        everything, _ = await ready.rows(conn, Wanted(due=date(2027, 1, 1)), 100)  # type: ignore[arg-type]
    assert found == [one.key for one in everything]
    assert {key.mode for key in found} == {"parcel", "freight"}
    assert len(found) >= 2 * len(orders)
    assert found == sorted(found, key=lambda k: (k.promised, k.order_id, k.location, k.mode))


def test_many_are_picked_packed_and_shipped_with_a_result_per_row(floor: Floor) -> None:
    orders = [floor.order(("BOLT", 10), ("NUT", 2), ("PUMP", 1)) for _ in range(3)]
    rows = [row(order) for order in orders]
    assert outcomes(ask(floor, "pick", rows))[0].endswith("Done 2 lines")
    floor.world.hold(orders[1], "quality")
    page = ask(floor, "pack", [*rows, "SO-1900-000001/parcel/MAIN"])
    told = outcomes(page)
    assert "Done 2 lines" in told[0]
    assert f"Refused Nothing of order {orders[1]['number']} is to be packed at MAIN now." in told[1]
    assert "Refused There is no order 'SO-1900-000001'." in told[3]
    assert "Finished: 2 done, 2 refused." in page.said

    page = ask(floor, "ship", rows, carrier="Northline", service="Night")
    shipment = floor.world.read(orders[0])["shipments"][0]
    assert (shipment["carrier"], shipment["service"], shipment["mode"]) == ("Northline", "Night", "parcel")
    assert f"Done 2 lines {shipment['number']} Packing list Label" in outcomes(page)[0]
    assert "Refused" in outcomes(page)[1]
    assert floor.stages(orders[0], 3) == {"allocated": "1"}, "pumps go by freight"
    floor.portal.check()


def test_the_form_says_what_is_missing_and_keeps_what_was_ticked(floor: Floor) -> None:
    order = floor.order(("BOLT", 10))
    page = ask(floor, "ship", [row(order)], service="Night")
    assert page.answer.status_code == 422
    assert "Say which carrier takes them." in page.said
    assert page.fields["row"] == row(order)
    assert page.fields["service"] == "Night"
    assert "Select at least one row." in ask(floor, "pick", []).said
    assert ask(floor, "burn", [row(order)]).answer.status_code == 422
    assert floor.stages(order) == {"allocated": "10"}


def test_the_same_form_twice_is_one_run(floor: Floor) -> None:
    order = floor.order(("BOLT", 10))
    page = floor.open("/desk/ready")
    form = {
        "_csrf": page.fields["_csrf"],
        "form": page.fields["form"],
        "do": "ship",
        "row": row(order),
        "carrier": "N",
    }
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: page.guest.client.post("/desk/ready", data=form), range(4)))
    places = {answer.headers["location"] for answer in answers}
    assert len(places) == 1
    over(Form.of(page.guest, answers[0], places.pop()))
    assert len(floor.world.read(order)["shipments"]) == 1


def test_two_people_who_ask_for_the_same_rows_do_them_once(floor: Floor) -> None:
    orders = [floor.order(("BOLT", 10)) for _ in range(4)]
    rows = [row(order) for order in orders]
    with ThreadPoolExecutor(2) as hands:
        dev, mira = hands.map(lambda who: ask(floor, "ship", rows, who, carrier="N"), (cast.DEV, MIRA))
    assert all(len(floor.world.read(order)["shipments"]) == 1 for order in orders)
    assert sum("Done" in told for told in outcomes(dev) + outcomes(mira)) == 4


def test_whoever_loses_the_right_meanwhile_has_nothing_more_done(floor: Floor) -> None:
    order = floor.order(("BOLT", 10))
    mira = floor.open("/desk/ready", MIRA)

    async def demote_and_do() -> None:
        connection = await asyncpg.connect(floor.portal.database_url)
        person = await connection.fetchval("select id from person where email = $1", MIRA)
        run = await connection.fetchval(
            """insert into bulk_run (what, parameters, person_id, actor, form, asked_at)
               values ('ship', '{"carrier": "N"}', $1, $2, 'by hand', now()) returning id""",
            person,
            MIRA,
        )
        await connection.execute("update person set supplier_roles = '{finance}' where id = $1", person)
        await connection.execute(
            "insert into bulk_row (run_id, row, subject, parameters) values ($1, 1, $2, $3)",
            run,
            order["number"],
            '{"location": "MAIN", "mode": "parcel"}',
        )
        async with await open_pool(floor.portal.database_url, size=1) as pool:
            assert await bulk.carry_out(pool, run)
            assert not await bulk.carry_out(pool, run)
        state = await connection.fetchrow("select state, result::text from bulk_row where run_id = $1", run)
        assert state[0] == "refused"
        assert "shipments:write" in state[1]
        await connection.execute("update person set supplier_roles = '{operations}' where id = $1", person)
        await connection.close()

    now(demote_and_do())
    assert mira.answer.status_code == 200
    assert floor.stages(order) == {"allocated": "10"}


async def test_a_row_that_fails_is_told_and_does_not_stop_those_behind_it(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours: the row says so, nothing of it is left, and the next one is done."""
    orders = [floor.order(("BOLT", 10)) for _ in range(2)]
    shipping = bulk.VERBS["pick"].do

    async def fails(work: object, viewer: object, claimed: bulk.Claimed, outside: object) -> bulk.Parameters:
        result = await shipping(work, viewer, claimed, outside)  # type: ignore[arg-type]
        if claimed.row == 1:
            raise ZeroDivisionError
        return result

    async with await open_pool(floor.portal.database_url, size=2) as pool:
        from portal.db import people
        from portal.db.work import Work

        async with pool.acquire() as conn:
            person = await conn.fetchval("select id from person where email = $1", cast.DEV)
            viewer, _ = await people.viewer(conn, person) or (None, 0)  # type: ignore[arg-type]
        assert viewer is not None
        monkeypatch.setattr(bulk, "VERBS", {"quietly": bulk.Verb("shipments:write", fails)})
        work = Work(pool)
        async with work:
            rows = [bulk.Asked(one["number"], {"location": "MAIN", "mode": "parcel"}) for one in orders]
            run, _ = await bulk.ask(work, viewer, "quietly", {}, rows, "quietly please")
            with pytest.raises(Unacceptable):
                await bulk.ask(work, viewer, "burn", {}, rows, "another form")
        # The worker of this portal does not know the verb either, and may have been first at either row.
        while await bulk.carry_out(pool, run):
            pass
    states = [floor.stages(order) for order in orders]
    assert states[0] == {"allocated": "10"}
    page = floor.person().client.get(f"/desk/runs/{run}").text
    assert "That is our fault" in page


WAITS = """
select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()
"""


async def until(connection: asyncpg.Connection, question: str) -> None:
    while not await connection.fetchval(question):  # noqa: ASYNC110 - it happens in another process
        await asyncio.sleep(0.02)


def test_a_worker_killed_in_the_middle_leaves_each_row_done_once(start_portal: Callable[..., Portal]) -> None:
    floor = furnish(start_portal(worker=True))
    orders = [floor.order(("BOLT", 10)) for _ in range(12)]
    page = floor.open("/desk/ready")
    form = {"_csrf": page.fields["_csrf"], "form": page.fields["form"], "do": "ship", "carrier": "N"}
    worker = floor.portal.processes[-1]

    async def kill_in_the_middle() -> str:
        """One order is locked: the worker waits for it in the middle of its row, and is killed there."""
        connection = await asyncpg.connect(floor.portal.database_url)
        async with connection.transaction():
            await connection.execute("select 1 from orders where number = $1 for update", orders[6]["number"])
            answer = await asyncio.to_thread(
                page.guest.client.post, "/desk/ready", data=form | {"row": [row(order) for order in orders]}
            )
            async with asyncio.timeout(PATIENCE):
                await until(connection, "select count(*) = 6 from bulk_row where state = 'done'")
                await until(connection, WAITS)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        await connection.close()
        return str(answer.headers["location"])

    place = now(kill_in_the_middle())
    half = page.guest.client.get(place).text
    assert "6 of 12" in half
    floor.portal.start("worker")
    done = over(Form.of(page.guest, page.guest.client.get(place), place))
    assert "Finished: 12 done." in done.said
    assert [len(floor.world.read(order)["shipments"]) for order in orders] == [1] * 12
    assert floor.world.level("MAIN", "BOLT")["on_hand"] == str(10_000 - 120)
    floor.portal.check()
