"""Scenarios 2, 5, 6, 8 and 10 until the last cent.

Each is told with a discount and freight that no part divides, to the day on which its last goods arrive and its last
invoice is paid. Under each of the terms the invoices add up to the order.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from portal.stories import four_stages, parcel_and_freight, six_hundred_units, two_deliveries
from portal.stories.happenings import Happening, Ordered
from portal.stories.story import Step, Story
from tests.portals import Portal
from tests.scenarios import test_10_two_hundred_lines as two_hundred
from tests.scenarios.claims import Json
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold
from tests.scenarios.telling import take

DISCOUNT, FREIGHT = "13.37", "41.09"
TERMS: dict[str, Json] = {
    "on shipment": {"invoice_terms": "on_shipment"},
    "on delivery": {"invoice_terms": "on_delivery"},
    "when complete": {"invoice_terms": "consolidated", "consolidation": "completion"},
    "when ordered": {"invoice_terms": "on_order"},
}
# Every story has its own names in the portal that they share.
TAGS = count(1)


@pytest.mark.parametrize(
    ("story_told", "terms"),
    [
        *((story, "on shipment") for story in (six_hundred_units, two_deliveries, parcel_and_freight)),
        *((four_stages, terms) for terms in TERMS),
        (six_hundred_units, "when complete"),
        (two_deliveries, "on delivery"),
        (parcel_and_freight, "when ordered"),
    ],
    ids=lambda told: told if isinstance(told, str) else told.__name__.rsplit(".", 1)[-1],
)
def test_the_invoices_add_up_to_the_order(portal: Portal, story_told: object, terms: str) -> None:
    story = World(portal, tag=f"C{next(TAGS)}")
    tale: Story = story_told.STORY  # type: ignore[attr-defined]
    for step in tale.steps:
        story.now(f"{step.when.replace(' ', 'T')}:00Z")
        take(story, with_awkward_amounts(story, step, terms))
    for number in dict.fromkeys(story.orders):
        finish(story, number)
        adds_up(story, number, terms)
        pay_all(story, number)
    laws_hold(story)


def test_200_lines_in_three_phases_add_up(portal: Portal) -> None:
    story = World(portal, tag=f"C{next(TAGS)}")
    story.location("MAIN", name="Leicester", receiving=0, handling=0)
    story.account("NORDWIND", payment_terms_days=60)
    reduced = [two_hundred.sku(line) for line in two_hundred.BACKORDER]
    story.product(*(two_hundred.sku(line) for line in two_hundred.NOW), price="0.333333")
    story.product(*reduced, price="7.77", tax_category="reduced")
    story.product(*(two_hundred.sku(line) for line in two_hundred.MADE), price="19.99", tax_category="zero")
    quantities = {line: 12 if line <= 120 else 6 if line <= 170 else 3 for line in range(1, 201)}
    wanted = {two_hundred.sku(line): quantity for line, quantity in quantities.items()}
    order = story.order("NORDWIND", wanted, discount=DISCOUNT, freight=FREIGHT)
    for phase in (two_hundred.NOW, two_hundred.BACKORDER, two_hundred.MADE):
        for line in phase:
            story.stock("MAIN", two_hundred.sku(line), quantities[line])
        ship_what_is_ready(story, order["number"])

    finish(story, order["number"])
    adds_up(story, order["number"], "on shipment")
    assert len(story.invoices(order)) == 3
    pay_all(story, order["number"])
    laws_hold(story)


def with_awkward_amounts(world: World, step: Step, terms: str) -> Step:
    """The step without its orders, which are placed here as the story says, but with a discount and freight."""
    rest: list[Happening] = []
    for happening in step.happens:
        if not isinstance(happening, Ordered):
            rest.append(happening)
            continue
        take(world, replace(step, happens=rest))
        rest = []
        world.account(happening.account, payment_terms_days=60, **TERMS[terms])
        order = world.order(happening.account, happening.lines, discount=DISCOUNT, freight=FREIGHT)
        world.known[happening.name] = order["number"]
    return replace(step, happens=rest)


def finish(world: World, number: str) -> None:
    """What is missing is put on the shelf, all of it ships, and every shipment arrives."""
    order = world.read(number)
    missing: dict[str, Decimal] = defaultdict(Decimal)
    for line in order["lines"]:
        missing[line["sku"]] += sum(
            (Decimal(one["quantity"]) for one in line["portions"] if is_waiting(one)), Decimal(0)
        )
    for sku, quantity in missing.items():
        if quantity:
            sku = plain(world, sku)
            there = world.level_of("MAIN", sku)
            # What others have guaranteed to them stays theirs.
            world.stock("MAIN", sku, Decimal(there["on_hand"]) + quantity, there["quarantined"])
    ship_what_is_ready(world, number)
    order = world.read(number)
    assert order["state"] == "closed", order["summary"]
    world.now("2026-12-21T17:00:00Z")
    for shipment in order["shipments"]:
        if shipment["state"] not in ("delivered", "cancelled"):
            world.carrier(shipment, "delivered", "2026-12-20T10:00:00Z")


def plain(world: World, code: str) -> str:
    """As the story calls it."""
    return code.removeprefix(f"{world.tag}-")


def is_waiting(portion: Json) -> bool:
    return portion["status"] in ("backordered", "reserved_elsewhere") or portion["status"].startswith(
        "awaiting"
    )


def ship_what_is_ready(world: World, number: str) -> None:
    ready: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in world.read(number)["lines"]:
        for portion in line["portions"]:
            if portion["status"] in ("allocated", "picking", "packed"):
                ready[plain(world, portion["location"])][line["line"]] += Decimal(portion["quantity"])
    for location, lines in sorted(ready.items()):
        world.ship(world.read(number), location, lines)


def adds_up(world: World, number: str, terms: str) -> None:
    order = world.read(number)
    invoices = world.invoices(number)
    totals = order["totals"]
    assert {one["kind"] for one in invoices} == {"invoice"}
    for figure in ("net", "total", "allowances", "charges"):
        assert all(Decimal(one[figure]) >= 0 for one in invoices)
    assert money(invoices, "total") == Decimal(totals["total"])
    assert money(invoices, "total") == Decimal(totals["invoiced"])
    goods = sum((Decimal(line["net"]) for one in invoices for line in one["lines"]), Decimal(0))
    assert money(invoices, "net") == Decimal(totals["goods"]) - Decimal(DISCOUNT) + Decimal(FREIGHT)
    assert goods - money(invoices, "allowances") + money(invoices, "charges") == money(invoices, "net")
    for line in order["lines"]:
        assert line["invoiced"] == line["quantity"], f"line {line['line']} under terms {terms}"
    billed_as_the_terms_say(order, invoices, terms)


def billed_as_the_terms_say(order: Json, invoices: Sequence[Json], terms: str) -> None:
    shipments = {one["number"]: one for one in order["shipments"]}
    if terms in ("on shipment", "on delivery"):
        assert [one["shipments"] for one in invoices if len(one["shipments"]) != 1] == []
        assert {one["shipments"][0] for one in invoices} == set(shipments)
        for one in invoices:
            assert quantities(one["lines"]) == quantities(shipments[one["shipments"][0]]["lines"])
        issued = {one["shipments"][0]: one["issued_on"] for one in invoices}
        moment = "shipped_at" if terms == "on shipment" else "delivered_at"
        assert all(shipments[number][moment] for number in issued)
    elif terms == "when complete":
        [invoice] = invoices
        assert invoice["shipments"] == list(shipments)
    else:
        [invoice] = invoices
        assert invoice["shipments"] == []
        assert invoice["issued_on"] == order["placed_at"][:10]


def quantities(lines: Sequence[Json]) -> Mapping[int, Decimal]:
    found: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line["line"]] += Decimal(line["quantity"])
    return found


def money(invoices: Sequence[Json], figure: str) -> Decimal:
    return sum((Decimal(one[figure]) for one in invoices), Decimal(0))


def pay_all(world: World, number: str) -> None:
    """Each invoice in two parts; then nothing is outstanding, and nothing owed."""
    for invoice in world.invoices(number):
        first = (Decimal(invoice["due"]) / 3).quantize(Decimal("0.01"))
        world.pay(invoice, str(first), on="2026-12-20")
        assert world.invoice(invoice["number"])["state"] in ("open", "overdue")
        world.pay(invoice, str(Decimal(invoice["due"]) - first), on="2026-12-21")
        assert world.invoice(invoice["number"])["state"] == "paid"
    order = world.read(number)
    assert order["totals"]["paid"] == order["totals"]["total"]
    assert Decimal(order["totals"]["outstanding"]) == 0
    kinds = world.get(f"accounts/{order['account']}/credit")["exposure"]
    assert {kind: Decimal(amount) for kind, amount in kinds.items()} == dict.fromkeys(kinds, Decimal(0))
