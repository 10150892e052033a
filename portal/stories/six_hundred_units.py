"""Scenario 2. 600 units over 22 SKUs: 370 ship now, 230 wait for a supplier, a contract and an inspection."""

from portal.domain.words import N_
from portal.seed.catalogue import CONTROLS, IN_STOCK, RESERVED, SEALS
from portal.stories.happenings import (
    Announced,
    Came,
    Company,
    Counted,
    Followed,
    Guaranteed,
    Happening,
    Ordered,
    Product,
    Received,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story

WHOLE = range(1, 15)  # 14 lines of 25, all in stock
PART = range(15, 19)  # 4 lines of 40, 5 of each in stock, 35 at the supplier
CONTRACT = range(19, 21)  # 2 lines of 25, all on the shelf, all under contract
INSPECTION = range(21, 23)  # 2 lines of 20, all in quarantine
QUANTITIES = {
    **dict.fromkeys(WHOLE, 25),
    **dict.fromkeys(PART, 40),
    **dict.fromkeys(CONTRACT, 25),
    **dict.fromkeys(INSPECTION, 20),
}
READY = {**dict.fromkeys(WHOLE, 25), **dict.fromkeys(PART, 5)}
ITEMS = [*IN_STOCK, *CONTROLS, *SEALS[:4], *RESERVED[:2], *SEALS[4:6]]


def sku(line: int) -> str:
    return ITEMS[line - 1].sku


THE_HOUSE: list[Happening] = [
    Warehouse("MAIN", "Leicester"),
    Company("NORDWIND", "Nordwind Maschinenbau"),
    Company("VELTRO", "Veltro Distribution"),
    *(Product(item.sku, item.name, item.price) for item in ITEMS),
    *(Counted("MAIN", sku(line), quantity) for line, quantity in READY.items()),
    *(Counted("MAIN", sku(line), 100) for line in CONTRACT),
    *(Guaranteed(f"AA-{line}", "VELTRO", "MAIN", sku(line), 100) for line in CONTRACT),
    *(Counted("MAIN", sku(line), 20, quarantined=20) for line in INSPECTION),
    # Ten days from now is a Saturday.
    Announced(
        "purchase_order", "4711", "MAIN", [(line, sku(line), 35, "2026-11-28") for line in PART], "Acme"
    ),
    Announced("inspection", "QI-7", "MAIN", [(line, sku(line), 20, "2026-11-20") for line in INSPECTION]),
]

STORY = Story(
    name="six-hundred-units",
    scenario=2,
    title=N_("600 units, 370 now"),
    question=N_("370 of 600 have shipped. Where are the other 230, and what is billed?"),
    watcher=N_("Petra Vogt at Nordwind"),
    watching=["order"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_(
                "Fourteen parts are on the shelf, four only in part; two are kept for a contract, two in quarantine."
            ),
            THE_HOUSE,
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Petra orders 600 units over 22 lines."),
            [Ordered("order", "NORDWIND", [(sku(line), n) for line, n in QUANTITIES.items()], "4500118250")],
        ),
        Step(
            "first",
            "2026-11-18 14:00",
            N_("370 units leave the same day. The order stays open for the rest."),
            [Shipped("first", "order", "MAIN", READY, carrier="Northline Parcel")],
        ),
        Step(
            "inspected",
            "2026-11-20 10:00",
            N_("The parcel arrives, and the inspection lets 40 units pass."),
            [
                Followed("first", "delivered", "2026-11-20 09:30"),
                Received("inspection", "QI-7", [Came(line, 20) for line in INSPECTION]),
            ],
        ),
        Step(
            "second",
            "2026-11-23 10:00",
            N_("The 40 inspected units leave."),
            [Shipped("second", "order", "MAIN", dict.fromkeys(INSPECTION, 20))],
        ),
        Step(
            "delivered",
            "2026-11-30 09:00",
            N_("The supplier delivers the 140 that were missing."),
            [Received("purchase_order", "4711", [Came(line, 35) for line in PART])],
        ),
        Step(
            "third",
            "2026-12-01 09:00",
            N_("They leave. Only what another contract keeps is still to come."),
            [Shipped("third", "order", "MAIN", dict.fromkeys(PART, 35))],
        ),
    ],
)
