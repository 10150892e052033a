"""Scenario 9. 75,000.00 with three approvers, two warehouses, net 60 and a customer-specific credit limit."""

from portal.domain.words import N_
from portal.stories.happenings import (
    Answered,
    Company,
    Counted,
    Decided,
    Deputised,
    Employed,
    Followed,
    Ordered,
    Package,
    Product,
    Rule,
    Ruled,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story

STORY = Story(
    name="seventy-five-thousand",
    scenario=9,
    title=N_("Three signatures for £75,000"),
    question=N_("What does it take to spend £75,000, and what happens while three people think about it?"),
    watcher=N_("Petra Vogt at Nordwind"),
    watching=["order"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_(
                "Panels are in Leicester, drives in Grimsby. Nordwind pays after 60 days and may owe £120,000."
            ),
            [
                Warehouse("MAIN", "Leicester"),
                Warehouse("NORTH", "Grimsby", handling=2, parcel=3, freight=5),
                Company("NORDWIND", "Nordwind Maschinenbau", credit_limit="120000.00", net=60),
                Product("DRIVE", "Drive IE4 30 kW, B3, 1,475 rpm", "1250.00", mode="freight"),
                Product("PANEL", "Control panel, 7 in", "500.00"),
                Counted("NORTH", "DRIVE", 60),
                Counted("MAIN", "PANEL", 30),
            ],
        ),
        Step(
            "rules",
            "2026-11-18 09:15",
            N_(
                "Above £10,000 Klaus must agree; above £50,000 finance and Ines must, too. Tomasz of finance is away "
                "until {back}: Wiebke decides for him."
            ),
            [
                Employed("petra", "NORDWIND", "Petra Vogt", ["buyer"]),
                Employed("klaus", "NORDWIND", "Klaus Brandt", ["approver"], limit="25000.00"),
                Employed("tomasz", "NORDWIND", "Tomasz Reid", ["finance"], limit="50000.00"),
                Employed("wiebke", "NORDWIND", "Wiebke Lorenz", ["approver"], limit="25000.00"),
                Employed("ines", "NORDWIND", "Ines Albers", ["account_admin"], limit="100000.00"),
                Ruled(
                    "NORDWIND",
                    [
                        Rule("Above 10,000", "10000.00", ["klaus"]),
                        Rule("Above 50,000", "50000.00", ["klaus", "finance", "ines"]),
                    ],
                    expires_after=40,
                    remind_after=8,
                    escalate_after=16,
                ),
                Deputised("NORDWIND", "tomasz", "wiebke", "2026-11-18", "2026-11-27"),
            ],
            dates={"back": "2026-11-27"},
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Petra orders 40 drives and 25 panels: £75,000.00 with tax. Nothing is set aside yet."),
            [
                Ordered(
                    "order",
                    "NORDWIND",
                    [("DRIVE", 40), ("PANEL", 25)],
                    "4500118309",
                    who="petra",
                )
            ],
        ),
        Step(
            "first",
            "2026-11-18 10:30",
            N_("Klaus agrees. It is finance's turn, so Wiebke is asked for Tomasz."),
            [Decided("order", "klaus", "approve", "Needed for line 4.")],
        ),
        Step(
            "question",
            "2026-11-18 11:00",
            N_("Wiebke wants to know whether all of it must come this year."),
            [Decided("order", "wiebke", "ask", "Must all of it be this year?")],
        ),
        Step(
            "answer",
            "2026-11-18 11:20",
            N_("Petra answers: the line starts in January."),
            [Answered("order", "petra", "Yes, the line starts on 11 January.")],
        ),
        Step(
            "second",
            "2026-11-18 14:00",
            N_("Wiebke agrees for Tomasz. Ines is the last one."),
            [Decided("order", "wiebke", "approve")],
        ),
        Step(
            "placed",
            "2026-11-19 09:00",
            N_(
                "Ines agrees up to £80,000. Credit is looked at again, and covers it: the order is placed, and both "
                "warehouses set its goods aside."
            ),
            [Decided("order", "ines", "approve", total="80000.00", until="2026-11-30")],
        ),
        Step(
            "parcel",
            "2026-11-20 10:00",
            N_("The panels leave Leicester by parcel."),
            [
                Shipped(
                    "parcel",
                    "order",
                    "MAIN",
                    {2: 25},
                    carrier="Northline Parcel",
                    packages=[Package("JD09", "24.50", "https://track.example/JD09")],
                    freight="24.00",
                )
            ],
        ),
        Step(
            "pallets",
            "2026-11-23 10:00",
            N_("The drives leave Grimsby by freight. They are paid 60 days after their invoice."),
            [
                Shipped(
                    "pallets",
                    "order",
                    "NORTH",
                    {1: 40},
                    "freight",
                    carrier="Humber Freight",
                    freight="640.00",
                )
            ],
        ),
        Step(
            "parcel-delivered",
            "2026-11-24 12:00",
            N_("The panels arrive."),
            [Followed("parcel", "delivered", "2026-11-24 11:00")],
        ),
        Step(
            "pallets-delivered",
            "2026-11-30 12:00",
            N_("The drives arrive, and all is here."),
            [Followed("pallets", "delivered", "2026-11-30 11:00")],
        ),
    ],
)
