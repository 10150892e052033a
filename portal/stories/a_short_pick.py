"""Scenario 7. A shortage found in the middle of picking."""

from portal.domain.words import N_
from portal.stories.happenings import (
    Announced,
    Company,
    Counted,
    Missed,
    Ordered,
    Packed,
    Picked,
    Product,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story

STORY = Story(
    name="a-short-pick",
    scenario=7,
    title=N_("A shortage while picking"),
    question=N_("Ten were ready, and now it is seven. What happened?"),
    watcher=N_("Petra Vogt at Nordwind"),
    watching=["order"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_("By the books ten valves are in Leicester and two in Grimsby."),
            [
                Warehouse("MAIN", "Leicester"),
                Warehouse("NORTH", "Grimsby", handling=2, parcel=3, freight=5),
                Company("NORDWIND", "Nordwind Maschinenbau"),
                Product("VALVE", 'Solenoid valve 1/2", 24 V DC', "46.20"),
                Counted("MAIN", "VALVE", 10),
                Counted("NORTH", "VALVE", 2),
            ],
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Petra orders ten."),
            [Ordered("order", "NORDWIND", [("VALVE", 10)], "4500118302")],
        ),
        Step(
            "picked",
            "2026-11-18 10:30",
            N_("The warehouse begins to pick."),
            [Picked("order", "MAIN", {1: 10})],
        ),
        Step(
            "missed",
            "2026-11-18 10:45",
            N_("Three are not on the shelf. Grimsby gives two, one is nowhere, and Petra is told."),
            [Missed("order", "MAIN", {1: 3}, "not on the shelf")],
        ),
        Step(
            "announced",
            "2026-11-18 14:00",
            N_("A supplier order covers the last one; it is expected on {on}."),
            [Announced("purchase_order", "4711", "MAIN", [(1, "VALVE", 5, "2026-11-25")], "Acme")],
            {"on": "2026-11-25"},
        ),
        Step(
            "packed",
            "2026-11-18 15:00",
            N_("The seven that were found are packed."),
            [Packed("order", "MAIN", {1: 7})],
        ),
        Step(
            "first",
            "2026-11-19 10:00",
            N_("They leave Leicester."),
            [Shipped("first", "order", "MAIN", {1: 7}, carrier="Northline Parcel")],
        ),
        Step(
            "second",
            "2026-11-20 10:00",
            N_("Two leave Grimsby. One is still to come, and has its date."),
            [Shipped("second", "order", "NORTH", {1: 2}, carrier="Northline Parcel")],
        ),
    ],
)
