"""Scenario 5. Backordered items that arrive in two supplier deliveries."""

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
    name="two-deliveries",
    scenario=5,
    title=N_("Two supplier deliveries"),
    question=N_("100 pumps are on backorder. When do they come, and in how many parts?"),
    watcher=N_("Petra Vogt at Nordwind; the supplier's people also see who is behind her"),
    watching=["order", "later"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_("There are no pumps, and none are on their way."),
            [
                Warehouse("MAIN", "Leicester"),
                Company("NORDWIND", "Nordwind Maschinenbau"),
                Company("CALDER", "Calder Motors"),
                Product("PUMP", "Gear pump group 2, 16 cm³", "132.50"),
            ],
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Petra orders 100: backordered, and first in the queue."),
            [Ordered("order", "NORDWIND", [("PUMP", 100)], "4500118280")],
        ),
        Step(
            "behind",
            "2026-11-18 10:00",
            N_("Another customer orders 10, and stands behind her."),
            [Ordered("later", "CALDER", [("PUMP", 10)], "CM-7740", by="Owen Price")],
        ),
        Step(
            "first-announced",
            "2026-11-18 11:30",
            N_("Acme will send 60 on {on}."),
            [Announced("purchase_order", "4711", "MAIN", [(1, "PUMP", 60, "2026-11-23")], "Acme")],
            {"on": "2026-11-23"},
        ),
        Step(
            "second-announced",
            "2026-11-18 15:30",
            N_("Borg will send 40 on {on}: the rest of her order."),
            [Announced("purchase_order", "4712", "MAIN", [(1, "PUMP", 40, "2026-11-30")], "Borg")],
            {"on": "2026-11-30"},
        ),
        Step(
            "first-came",
            "2026-11-23 10:00",
            N_("The first 60 come in, and are hers at once."),
            [Received("purchase_order", "4711", [Came(1, 60)])],
        ),
        Step(
            "first-shipped",
            "2026-11-24 10:00",
            N_("They leave Leicester."),
            [Shipped("first", "order", "MAIN", {1: 60}, carrier="Northline Parcel")],
        ),
        Step(
            "first-delivered",
            "2026-11-26 10:00",
            N_("60 are at the works; 40 are still to come."),
            [Followed("first", "delivered", "2026-11-26 09:30")],
        ),
        Step(
            "second-came",
            "2026-11-30 10:00",
            N_("The other 40 come in."),
            [Received("purchase_order", "4712", [Came(1, 40)])],
        ),
        Step(
            "second-shipped",
            "2026-12-01 10:00",
            N_("They leave, and the order closes by itself."),
            [Shipped("second", "order", "MAIN", {1: 40}, carrier="Northline Parcel")],
        ),
        Step(
            "second-delivered",
            "2026-12-03 10:00",
            N_("All 100 are at the works."),
            [Followed("second", "delivered", "2026-12-03 09:30")],
        ),
    ],
)
