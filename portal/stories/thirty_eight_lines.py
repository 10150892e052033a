"""Scenario 1. 38 lines in six situations, and one true sentence for each of them."""

from collections.abc import Sequence

from portal.domain.words import N_
from portal.seed.catalogue import BELTS, CONTROLS, HEAVY, IN_STOCK, RESERVED, SEALS, Item
from portal.stories.happenings import (
    Announced,
    Company,
    Counted,
    Guaranteed,
    Happening,
    Held,
    Lifted,
    Ordered,
    Product,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story


def skus(items: Sequence[Item]) -> list[str]:
    return [item.sku for item in items]


# What can be the matter with a line, and the lines of the order that it is the matter with.
STOCK, LATE, KEPT, QUEUED, HELD = map(skus, (IN_STOCK, SEALS, RESERVED, BELTS, CONTROLS))
STOCK_LINES = range(1, 10)
LATE_LINES = range(10, 21)
KEPT_LINES = range(21, 25)
HEAVY_LINES = range(25, 28)
QUEUED_LINES = range(28, 34)
HELD_LINES = range(34, 39)

WANTED = [
    *((sku, 40) for sku in STOCK),
    *((sku, 60) for sku in LATE),
    *((sku, 24) for sku in KEPT),
    *((sku, 2) for sku in skus(HEAVY)),
    *((sku, 30) for sku in QUEUED),
    *((sku, 10) for sku in HELD),
]


def seals(expected_on: str) -> Announced:
    """The supplier order for all the seals."""
    lines = [(n, sku, 60, expected_on) for n, sku in enumerate(LATE, start=1)]
    return Announced("purchase_order", "4711", "MAIN", lines, supplier="Acme")


def _products(items: Sequence[Item]) -> list[Product]:
    return [Product(item.sku, item.name, item.price, item.mode) for item in items]


THE_HOUSE: list[Happening] = [
    Warehouse("MAIN", "Leicester"),
    Warehouse("NORTH", "Grimsby", handling=2, parcel=3, freight=5),
    *_products([*IN_STOCK, *SEALS, *RESERVED, *HEAVY, *BELTS, *CONTROLS]),
    *(Counted("MAIN", sku, 40) for sku in STOCK),
    *(Counted("MAIN", sku, 10) for sku in HELD),
    *(Counted("NORTH", sku, 2) for sku in skus(HEAVY)),
]
OTHERS: list[Happening] = [
    Company("VELTRO", "Veltro Distribution"),
    Company("CALDER", "Calder Motors"),
    *(Counted("MAIN", sku, 24) for sku in KEPT),
    *(Guaranteed(f"AA-{n}", "VELTRO", "MAIN", sku, 24) for n, sku in enumerate(KEPT, start=1)),
    Ordered("belts", "CALDER", [(sku, 40) for sku in QUEUED], by="Owen Price"),
    Announced(
        "purchase_order",
        "4800",
        "MAIN",
        [(n, sku, 40, "2026-12-07") for n, sku in enumerate(QUEUED, start=1)],
        supplier="Borg",
    ),
]

STORY = Story(
    name="thirty-eight-lines",
    scenario=1,
    title=N_("The 38-line order"),
    question=N_("38 lines were ordered at once. What is happening with each of them?"),
    watcher=N_("Petra Vogt, who plans the presses at Nordwind"),
    watching=["presses"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_(
                "Nine parts are on the shelf, eleven on a supplier order; four are kept for a distributor's contract, "
                "and another customer waits for all the belts."
            ),
            [*THE_HOUSE, *OTHERS, Company("NORDWIND", "Nordwind Maschinenbau"), seals("2026-11-19")],
        ),
        Step(
            "ordered",
            "2026-11-18 09:20",
            N_("Petra orders 38 lines, and each has an answer at once."),
            [Ordered("presses", "NORDWIND", WANTED, "4500118236")],
        ),
        Step(
            "slipped",
            "2026-11-18 10:15",
            N_("The maker of the seals is late: the supplier order is expected on {late}, not on {early}."),
            [seals("2026-11-25")],
            {"early": "2026-11-19", "late": "2026-11-25"},
        ),
        Step(
            "held",
            "2026-11-18 11:00",
            N_("Finance stops five lines: may this order be invoiced in parts?"),
            [Held("money", "presses", "finance", "May this order be invoiced in parts?", list(HELD_LINES))],
        ),
        Step(
            "parcel",
            "2026-11-18 15:00",
            N_("What is on the shelf leaves Leicester by parcel."),
            [
                Shipped(
                    "parcel", "presses", "MAIN", dict.fromkeys(STOCK_LINES, 40), carrier="Northline Parcel"
                )
            ],
        ),
        Step(
            "lifted",
            "2026-11-18 16:00",
            N_("Finance agrees: the five lines are free."),
            [Lifted("money", "presses")],
        ),
        Step(
            "pallets",
            "2026-11-20 10:00",
            N_("Grimsby sends the heavy goods by freight, Leicester the five lines by parcel."),
            [
                Shipped(
                    "pallets",
                    "presses",
                    "NORTH",
                    dict.fromkeys(HEAVY_LINES, 2),
                    "freight",
                    carrier="Humber Freight",
                ),
                Shipped(
                    "second", "presses", "MAIN", dict.fromkeys(HELD_LINES, 10), carrier="Northline Parcel"
                ),
            ],
        ),
    ],
)
