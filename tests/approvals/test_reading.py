"""Lists of requests and their counts: what waits for whom."""

from decimal import Decimal

from portal.db import approvals
from portal.db.work import Work
from portal.domain.requests import Counts
from tests.approvals.office import STAFF, Office, above, by
from tests.approvals.test_whom_it_asks import delegate


async def views(office: Office, name: str) -> dict[str, list[str]]:
    """What the person finds in each view, as orders' numbers."""
    found = {}
    viewer = await office.viewer(name)
    work = Work(office.pool)
    async with work:
        for view in ("mine", "others", "decided", "requested", "open", "all"):
            page = await approvals.inbox(work.conn, viewer, viewer.person_id, view=view)
            found[view] = [row.order for row in page.rows]
    return found


async def counted(office: Office, name: str) -> Counts:
    work = Work(office.pool)
    async with work:
        return await approvals.counts(work.conn, office.persons[name])


async def three(office: Office) -> list[str]:
    """Three orders of Bea, which Anna and then Otto approve; Anna has approved the second, and rejected the third."""
    await office.person("bea")
    anna, otto = await office.person("anna", "approver"), await office.person("otto", "approver")
    await office.policy(above(1000, by(anna), by(otto)))
    orders = [await office.order("bea", 1200) for _ in range(3)]
    await office.decide("anna", orders[1])
    await office.decide("anna", orders[2], "reject")
    return orders


async def test_each_view_holds_what_its_name_says(office: Office) -> None:
    first, second, third = await three(office)

    anna, otto, bea = [await views(office, name) for name in ("anna", "otto", "bea")]

    assert (anna["mine"], anna["others"], anna["decided"]) == ([first], [second], [third, second])
    assert (otto["mine"], otto["others"], otto["decided"]) == ([second], [first], [])
    assert (bea["mine"], bea["requested"]) == ([], [third, second, first])
    assert bea["open"] == [second, first]


async def test_counts_say_the_same(office: Office) -> None:
    _, second, _ = await three(office)
    await office.decide("otto", second, "ask")

    assert await counted(office, "anna") == Counts(mine=1, others=1)
    assert await counted(office, "otto") == Counts(mine=1, others=1)
    assert await counted(office, "bea") == Counts(mine=0, others=2, asked=1, requested=2)


async def test_whoever_stands_in_finds_it_in_theirs_within_the_cap(office: Office) -> None:
    first, _, _ = await three(office)
    for name in ("dora", "mick"):
        await office.person(name, "approver")
    await delegate(office, "anna", "dora")
    await delegate(office, "dora", "mick", cap="1000")

    assert (await views(office, "dora"))["mine"] == [first]
    assert (await views(office, "mick"))["mine"] == []


async def test_whoever_asks_never_finds_their_own_in_theirs(office: Office) -> None:
    await three(office)
    await office.person("bea", "buyer", "approver")
    await delegate(office, "anna", "bea")

    assert (await views(office, "bea"))["mine"] == []


async def test_a_stranger_sees_nothing(office: Office) -> None:
    orders = await three(office)
    await office.person("rival", "approver", account="RIVAL")

    found = await views(office, "rival")
    work = Work(office.pool)
    async with work:
        number = (await office.request(orders[0])).number
        assert await approvals.request(work.conn, await office.viewer("rival"), number) is None

    assert not any(found.values())
    assert await counted(office, "rival") == Counts()


async def test_lists_are_searched_and_paged(office: Office) -> None:
    await three(office)
    await office.order("bea", 1200, purchase_order_number="PO_47%11")
    work = Work(office.pool)
    async with work:
        first = await approvals.inbox(work.conn, STAFF, None, limit=3)
        rest = await approvals.inbox(work.conn, STAFF, None, limit=3, before=first.following)
        by_order = await approvals.inbox(work.conn, STAFF, None, q="_47%")
        nothing = await approvals.inbox(work.conn, STAFF, None, q="47_11")
        rejected = await approvals.inbox(work.conn, STAFF, None, state="rejected")

    assert (len(first.rows), len(rest.rows), rest.following) == (3, 1, None)
    assert [row.purchase_order_number for row in by_order.rows] == ["PO_47%11"]
    assert nothing.rows == []
    assert [(row.state, row.total) for row in rejected.rows] == [("rejected", Decimal(1200))]
