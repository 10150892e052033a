"""Time passes: what was promised for a day that is over, agreements that begin or end, and periods that are billed when
they end, are looked at again."""

from collections import defaultdict
from dataclasses import replace

from portal.db import places, portions, stock
from portal.db.books import Move
from portal.db.portions import LISTED, read
from portal.db.work import Pool, Work
from portal.domain.calendars import Destination, Place
from portal.domain.dates import WEEKDAYS, promise
from portal.domain.events import Event
from portal.domain.portions import Portion, nothing
from portal.domain.quantities import text
from portal.operations import agreeing, consolidating, planning

# Products per transaction: locks are held shortly and a kill loses little.
BATCH = 50


async def keep_up(pool: Pool, actor: str = "portal") -> int:
    """Bring everything up to today; answers how many products were planned. Running it twice does nothing more."""
    work = Work(pool, actor=actor)
    await _turn_agreements(work)
    async with work:
        skus = await _due(work)
    for start in range(0, len(skus), BATCH):
        async with work:
            batch = skus[start : start + BATCH]
            await stock.lock(work.conn, batch)
            await _date_anew(work, batch)
            await planning.replan(work, batch, {"what": "day_passed"})
    await consolidating.run(pool, actor)
    return len(skus)


async def _turn_agreements(work: Work) -> None:
    async with work:
        found = await places.load(work.conn, work.now)
        rows = await work.conn.fetch(
            "select number, sku, location, valid_from, valid_to, in_force from allocation_agreement"
        )
    for row in rows:
        today = found[row["location"]].today
        valid = row["valid_from"] <= today and (row["valid_to"] is None or today <= row["valid_to"])
        if valid != row["in_force"]:
            async with work:
                await stock.lock(work.conn, [row["sku"]])
                await agreeing.come_into_force(work, row["number"], row["sku"])


async def _due(work: Work) -> list[str]:
    """Products with a promise, or a supply of one, for a day that is over.

    The earliest place on earth decides; planning is exact.
    """
    rows = await work.conn.fetch(
        """with still_open as (
               select sku, order_id, ships_on, inbound_line_id from portion where stage = 'waiting'
               union all
               select sku, order_id, ships_on, null from portion where stage in ('allocated', 'picking', 'packed')
           )
           select distinct p.sku from still_open p join order_status s on s.order_id = p.order_id
           left join inbound_line i on i.id = p.inbound_line_id
           where p.ships_on is not null
               and least(p.ships_on, i.expected_on) < ($1::timestamptz at time zone 'UTC' + interval '14 hours')::date
               and s.state not in ('draft', 'pending_approval', 'rejected', 'held')
           order by p.sku""",
        work.now,
    )
    return [row["sku"] for row in rows]


async def _date_anew(work: Work, skus: list[str]) -> None:
    """Stock that should have left already leaves today at the earliest: say so before anybody asks."""
    found = await places.load(work.conn, work.now)
    rows = await work.conn.fetch(
        f"""select {LISTED}, l.line, l.mode, o.number, o.delivery_preference, a.weekly_day, t.city, t.country
            from portion p join order_line l on l.id = p.line_id join orders o on o.id = p.order_id
            join account a on a.number = o.account
            join ship_to t on t.account = o.account and t.code = o.ship_to
            where p.sku = any($1::text[]) and p.stage in ('allocated', 'picking', 'packed') and p.ships_on is not null
            order by p.id""",
        skus,
    )
    rewriting = nothing()
    told: dict[tuple[int, str, str], list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        portion = read(row)
        place = found[portion.location or ""]
        if portion.ships_on is None or portion.ships_on >= place.today:
            continue
        weekly_day = WEEKDAYS.index(row["weekly_day"]) if row["delivery_preference"] == "weekly" else None
        now = _again(portion, place, places.destination(row["city"], row["country"]), row["mode"], weekly_day)
        if (now.ships_on, now.arrives_on) == (portion.ships_on, portion.arrives_on):
            continue
        rewriting.changed.append(now)
        if row["delivery_preference"] != "complete_only":
            _tell(work, row["number"], row["line"], portion, now, told)
    await portions.rewrite(work.conn, rewriting)
    for (order_id, number, account), lines in told.items():
        data = {"lines": lines, "cause": {"what": "day_passed"}}
        work.record(Event("promise.changed", account, order_id, number, data))
    for order_id, line_id in rewriting.lines:
        work.touch(order_id, [line_id])


def _again(
    portion: Portion, place: Place, destination: Destination, mode: str, weekly_day: int | None
) -> Portion:
    """Handling began when the stock was given; what is late is late by waiting, so it can leave today.

    What leaves once a week leaves on the next of these days.
    """
    ready = replace(place, handling_days=0)
    dates = promise(ready, place.today, destination, mode, weekly_day=weekly_day)
    shelf = [fact for fact in portion.because if fact["fact"] == "on_shelf"]
    return replace(
        portion, ships_on=dates.ships_on, arrives_on=dates.arrives_on, because=[*shelf, *dates.because]
    )


def _tell(
    work: Work,
    number: str,
    line: int,
    before: Portion,
    now: Portion,
    told: dict[tuple[int, str, str], list[dict[str, object]]],
) -> None:
    work.moves.append(
        Move(
            now.order_id, now.line_id, now.account, now.quantity, before.ships_on, before.arrives_on,
            now.ships_on, now.arrives_on, {"what": "day_passed"}, work.now,
        )
    )  # fmt: skip
    told[now.order_id, number, now.account].append(
        {"line": line, "sku": now.sku, "quantity": text(now.quantity), "status": now.status}
        | {"old": _dates(before), "new": _dates(now)}
    )


def _dates(portion: Portion) -> dict[str, str | None]:
    return {
        "ships_on": portion.ships_on.isoformat() if portion.ships_on else None,
        "arrives_on": portion.arrives_on.isoformat() if portion.arrives_on else None,
    }
