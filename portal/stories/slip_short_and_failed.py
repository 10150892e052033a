"""Scenario 11. A supplier order slips by four days, is 80 short on receipt, and 40 fail inspection."""

from portal.domain.words import N_
from portal.stories.happenings import (
    Announced,
    Came,
    Company,
    Happening,
    Ordered,
    Product,
    Received,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story

ACCOUNTS = ("ALDER", "BIRCH", "CEDAR", "DOGWOOD")


def supplier_order(expected_on: str) -> Announced:
    """The supplier order that slips."""
    lines = [(1, "SEAL", 300, expected_on), (2, "RING", 10, expected_on)]
    return Announced("purchase_order", "4711", "MAIN", lines, "Acme")


THE_HOUSE: list[Happening] = [
    Warehouse("MAIN", "Leicester"),
    Product("SEAL", "Shaft seal 40 × 62 × 7, FKM", "5.10"),
    Product("RING", "Retaining ring 40 mm", "0.85"),
    Product("BELT", "V-belt XPB 1600", "11.70"),
    *(Company(account, f"{account.title()} Works") for account in ACCOUNTS),
    supplier_order("2026-11-23"),
    Announced("purchase_order", "4800", "MAIN", [(1, "BELT", 20, "2026-12-04")], "Borg"),
]

STORY = Story(
    name="slip-short-and-failed",
    scenario=11,
    title=N_("It slips, is short, and fails inspection"),
    question=N_("A supplier order goes wrong three times. Whose dates move, and whose do not?"),
    watcher=N_("Petra Vogt at Birch Works; the supplier's people see all four customers"),
    watching=["birch", "alder", "cedar", "dogwood"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_("300 seals and 10 rings are expected on {seals}, 20 belts from another supplier on {belts}."),
            THE_HOUSE,
            {"seals": "2026-11-23", "belts": "2026-12-04"},
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Four customers order: three want seals, the fourth only belts."),
            [
                Ordered("alder", "ALDER", [("SEAL", 120), ("RING", 10)], "AL-301", by="Nadia Cross"),
                Ordered("birch", "BIRCH", [("SEAL", 130)], "BW-118"),
                Ordered("cedar", "CEDAR", [("SEAL", 50)], "CW-0942", by="Tom Ashe"),
                Ordered("dogwood", "DOGWOOD", [("BELT", 20)], "DW-77", by="Iris Bell"),
            ],
        ),
        Step(
            "slipped",
            "2026-11-18 13:00",
            N_("The seals slip by four days, to {on}. The three are told once; the fourth has no news."),
            [supplier_order("2026-11-27")],
            {"on": "2026-11-27"},
        ),
        Step(
            "short",
            "2026-11-27 10:00",
            N_("80 of 300 are missing, and nothing more will come; 40 of the others go to inspection."),
            [
                Received(
                    "purchase_order",
                    "4711",
                    [Came(1, received=180, quarantined=40, closed=True), Came(2, received=10)],
                )
            ],
        ),
        Step(
            "inspecting",
            "2026-11-27 11:00",
            N_("The inspection of the 40 will be done on {on}: they are for Birch, if they pass."),
            [Announced("inspection", "QI-1", "MAIN", [(1, "SEAL", 40, "2026-12-01")])],
            {"on": "2026-12-01"},
        ),
        Step(
            "shipped",
            "2026-11-30 10:00",
            N_("What is good leaves: all of Alder's, 60 of Birch's."),
            [
                Shipped("alders", "alder", "MAIN", {1: 120, 2: 10}, carrier="Northline Parcel"),
                Shipped("birchs", "birch", "MAIN", {1: 60}, carrier="Northline Parcel"),
            ],
        ),
        Step(
            "failed",
            "2026-12-01 10:00",
            N_("All 40 fail. Birch waits for 70 again; for Cedar nothing has changed."),
            [Received("inspection", "QI-1", [Came(1, rejected=40)])],
        ),
        Step(
            "covered",
            "2026-12-01 14:00",
            N_("A new supplier order of 120, expected on {on}, covers both."),
            [Announced("purchase_order", "4712", "MAIN", [(1, "SEAL", 120, "2026-12-07")], "Acme")],
            {"on": "2026-12-07"},
        ),
    ],
)
