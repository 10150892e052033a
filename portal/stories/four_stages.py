"""Scenario 8. Four stages over three weeks, closing by itself when the last item ships."""

from portal.domain.words import N_
from portal.stories.happenings import (
    Announced,
    Came,
    Company,
    Counted,
    Followed,
    Ordered,
    Product,
    Received,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story

STORY = Story(
    name="four-stages",
    scenario=8,
    title=N_("Four stages over three weeks"),
    question=N_("One order, four ways to get its goods: who closes it, and when?"),
    watcher=N_("Petra Vogt at Nordwind"),
    watching=["order"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_(
                "Panels are on the shelf, frames at the supplier, motors on a lorry from Grimsby, drives in the works."
            ),
            [
                Warehouse("MAIN", "Leicester"),
                Warehouse("NORTH", "Grimsby"),
                Company("NORDWIND", "Nordwind Maschinenbau"),
                Product("PANEL", "Control panel, 12 inch", "214.00"),
                Product("FRAME", "Welded frame, powder-coated", "162.00"),
                Product("MOTOR", "Servo motor 400 W", "188.00"),
                Product("DRIVE", "Drive unit, made to order", "346.00"),
                Counted("MAIN", "PANEL", 10),
                Counted("NORTH", "MOTOR", 10),
                Announced("purchase_order", "4711", "MAIN", [(1, "FRAME", 10, "2026-11-25")], "Acme"),
                Announced(
                    "transfer", "TR-1", "MAIN", [(1, "MOTOR", 10, "2026-12-01")], from_location="NORTH"
                ),
                Announced("production", "MO-9", "MAIN", [(1, "DRIVE", 10, "2026-12-07")]),
            ],
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Petra orders ten of each."),
            [
                Ordered(
                    "order",
                    "NORDWIND",
                    [("PANEL", 10), ("FRAME", 10), ("MOTOR", 10), ("DRIVE", 10)],
                    "4500118310",
                )
            ],
        ),
        Step(
            "panels-shipped",
            "2026-11-18 15:00",
            N_("The panels leave the same day."),
            [Shipped("panels", "order", "MAIN", {1: 10}, carrier="Northline Parcel")],
        ),
        Step(
            "panels-delivered",
            "2026-11-20 12:00",
            N_("The panels arrive."),
            [Followed("panels", "delivered", "2026-11-20 11:00")],
        ),
        Step(
            "frames-came",
            "2026-11-25 10:00",
            N_("The supplier delivers the frames."),
            [Received("purchase_order", "4711", [Came(1, 10)])],
        ),
        Step(
            "frames-shipped",
            "2026-11-26 10:00",
            N_("The frames leave."),
            [Shipped("frames", "order", "MAIN", {2: 10}, carrier="Northline Parcel")],
        ),
        Step(
            "motors-came",
            "2026-12-01 10:00",
            N_("The lorry from Grimsby brings the motors."),
            [Received("transfer", "TR-1", [Came(1, 10)])],
        ),
        Step(
            "motors-shipped",
            "2026-12-02 10:00",
            N_("The motors leave."),
            [Shipped("motors", "order", "MAIN", {3: 10}, carrier="Northline Parcel")],
        ),
        Step(
            "drives-came",
            "2026-12-07 10:00",
            N_("The drives are made."),
            [Received("production", "MO-9", [Came(1, 10)])],
        ),
        Step(
            "closed",
            "2026-12-08 10:00",
            N_("The drives leave, and the order closes by itself."),
            [Shipped("drives", "order", "MAIN", {4: 10}, carrier="Northline Parcel")],
        ),
    ],
)
