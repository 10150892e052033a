"""Scenario 3. 400 are expected by the 15th, 240 arrive; 160 stay visible, their date told before it."""

from portal.domain.words import N_
from portal.stories.happenings import (
    Announced,
    Came,
    Company,
    Followed,
    Ordered,
    Product,
    Received,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story

STORY = Story(
    name="a-short-delivery",
    scenario=3,
    title=N_("A short delivery"),
    question=N_("400 were expected, 240 arrived. What happened to the other 160?"),
    watcher=N_("Petra Vogt at Nordwind"),
    watching=["order"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_("400 gaskets are on a supplier order, expected on {on}. The shelf is empty."),
            [
                Warehouse("MAIN", "Leicester"),
                Company("NORDWIND", "Nordwind Maschinenbau"),
                Product("GASKET", "Flange gasket DN 80, aramid", "2.35"),
                Announced("purchase_order", "4711", "MAIN", [(1, "GASKET", 400, "2026-12-15")], "Acme"),
            ],
            {"on": "2026-12-15"},
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Petra orders all 400."),
            [Ordered("order", "NORDWIND", [("GASKET", 400)], "4500118263")],
        ),
        Step(
            "told",
            "2026-12-11 15:00",
            N_(
                "Acme says: 240 will come on {on}, the other 160 on {later}. Petra knows before the lorry is there."
            ),
            [
                Announced(
                    "purchase_order",
                    "4711",
                    "MAIN",
                    [(1, "GASKET", 240, "2026-12-15"), (2, "GASKET", 160, "2026-12-22")],
                    "Acme",
                )
            ],
            {"on": "2026-12-15", "later": "2026-12-22"},
        ),
        Step(
            "came",
            "2026-12-15 10:00",
            N_("The supplier's lorry brings 240 of 400."),
            [Received("purchase_order", "4711", [Came(1, 240)])],
        ),
        Step(
            "shipped",
            "2026-12-16 09:00",
            N_("The 240 leave Leicester."),
            [Shipped("first", "order", "MAIN", {1: 240}, carrier="Northline Parcel")],
        ),
        Step(
            "delivered",
            "2026-12-18 11:00",
            N_("They are at the works. 160 are still to come."),
            [Followed("first", "delivered", "2026-12-18 10:30")],
        ),
        Step(
            "rest",
            "2026-12-22 09:00",
            N_("The other 160 come in, and are Petra's at once."),
            [Received("purchase_order", "4711", [Came(2, 160)])],
        ),
        Step(
            "closed",
            "2026-12-23 09:00",
            N_("They leave, and the order closes by itself."),
            [Shipped("second", "order", "MAIN", {1: 160}, carrier="Northline Parcel")],
        ),
    ],
)
