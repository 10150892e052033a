"""Scenario 6. Two locations, one by parcel, one by freight."""

from portal.domain.words import N_
from portal.stories.happenings import (
    Company,
    Counted,
    Followed,
    Ordered,
    Package,
    Product,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story

STORY = Story(
    name="parcel-and-freight",
    scenario=6,
    title=N_("By parcel and by freight"),
    question=N_("Why does one order come from two places on two days?"),
    watcher=N_("Petra Vogt at Nordwind"),
    watching=["order"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_("Belts are in Leicester, motors in Grimsby, and cables in both places."),
            [
                Warehouse("MAIN", "Leicester"),
                Warehouse("NORTH", "Grimsby", handling=2, parcel=3, freight=5),
                Company("NORDWIND", "Nordwind Maschinenbau"),
                Product("BELT", "V-belt XPA 1250", "7.42"),
                Product("CABLE", "Sensor cable M12, 5 m", "8.75"),
                Product("MOTOR", "Motor IE4 7.5 kW, B3, 1,465 rpm", "612.00", mode="freight"),
                Counted("MAIN", "BELT", 30),
                Counted("NORTH", "MOTOR", 4),
                Counted("MAIN", "CABLE", 5),
                Counted("NORTH", "CABLE", 8),
            ],
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Petra orders 20 belts, 3 motors and 12 cables."),
            [Ordered("order", "NORDWIND", [("BELT", 20), ("MOTOR", 3), ("CABLE", 12)], "4500118291")],
        ),
        Step(
            "parcel",
            "2026-11-19 10:00",
            N_("Two packages leave Leicester by express."),
            [
                Shipped(
                    "parcel",
                    "order",
                    "MAIN",
                    {1: 20, 3: 4},
                    carrier="Northline Parcel",
                    service="express",
                    packages=[
                        Package("JD01", "12.40", "https://track.example/JD01"),
                        Package("JD02", "8"),
                    ],
                    freight="12.00",
                )
            ],
        ),
        Step(
            "pallets",
            "2026-11-20 10:00",
            N_("A pallet leaves Grimsby by freight; the other cables travel with the motors."),
            [
                Shipped(
                    "pallets",
                    "order",
                    "NORTH",
                    {2: 3, 3: 8},
                    "freight",
                    carrier="Humber Freight",
                    freight="180.00",
                )
            ],
        ),
        Step(
            "parcel-delivered",
            "2026-11-23 12:00",
            N_("The packages arrive."),
            [Followed("parcel", "delivered", "2026-11-23 11:00")],
        ),
        Step(
            "pallets-delivered",
            "2026-11-25 12:00",
            N_("The pallet arrives, and all is here."),
            [Followed("pallets", "delivered", "2026-11-25 11:00")],
        ),
    ],
)
