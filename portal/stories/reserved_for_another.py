"""Scenario 4. 200 on the shelf, 180 under agreement, 50 ordered: 20 ready, 30 reserved, both see why."""

from portal.domain.words import N_
from portal.stories.happenings import (
    Cancelled,
    Company,
    Counted,
    Guaranteed,
    Ordered,
    Product,
    Warehouse,
)
from portal.stories.story import Step, Story


def agreement(quantity: int) -> Guaranteed:
    """What the distributor's contract keeps on the shelf."""
    return Guaranteed("AA-1", "VELTRO", "MAIN", "BEARING", quantity, valid_to="2026-12-31")


STORY = Story(
    name="reserved-for-another",
    scenario=4,
    title=N_("Reserved for another contract"),
    question=N_("200 stand on the shelf, and I am told that 30 of my 50 are not there. Why?"),
    watcher=N_("Petra Vogt at Nordwind; the supplier's people also see the other side"),
    watching=["order", "theirs"],
    steps=[
        Step(
            "stage",
            "2026-11-18 09:00",
            N_("200 bearings are on the shelf; a distributor's contract keeps 180 of them."),
            [
                Warehouse("MAIN", "Leicester"),
                Company("NORDWIND", "Nordwind Maschinenbau"),
                Company("VELTRO", "Veltro Distribution"),
                Product("BEARING", "Ball bearing 30 × 62 × 16, C3", "8.40"),
                Counted("MAIN", "BEARING", 200),
                agreement(180),
            ],
        ),
        Step(
            "ordered",
            "2026-11-18 09:30",
            N_("Petra orders 50: 20 are hers, 30 are reserved for somebody else."),
            [Ordered("order", "NORDWIND", [("BEARING", 50)], "4500118271")],
        ),
        Step(
            "drawn",
            "2026-11-18 10:30",
            N_("The distributor draws 40 on its contract: they are there, as agreed."),
            [Ordered("theirs", "VELTRO", [("BEARING", 40)], "VD-20418", by="Rita Hale")],
        ),
        Step(
            "cancelled",
            "2026-11-18 13:00",
            N_("It cancels them: the 40 are kept for it again, and for nobody else."),
            [Cancelled("theirs", {1: 40}, "the building site is late")],
        ),
        Step(
            "shrunk",
            "2026-11-18 14:30",
            N_("The contract is cut to 150: 30 are let go, and are Petra's at once."),
            [agreement(150)],
        ),
    ],
)
