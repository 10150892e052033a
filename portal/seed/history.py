"""The weeks before the story: two orders of other customers that waited for a supplier, one that slipped among them.

They are over, and have left their marks in the supplier's figures.
"""

from decimal import Decimal

from portal.operations.receiving import Came
from portal.seed.telling import SYSTEM, DemoTeller


async def tell(teller: DemoTeller) -> None:
    """From four weeks ago to three days ago."""
    days = teller.days
    await teller.now(-19, "09:40", SYSTEM.actor)
    shafts = await teller.order(
        "shafts", "CALDER", SYSTEM, [("SHF-CUT-30", 10)], reference="CM-7644", ship_to="CARDIFF"
    )
    await teller.expect(
        "purchase_order", "4688", "MAIN", [("SHF-CUT-30", 10)], days.day(-12), "Ostler Shafts"
    )
    await teller.now(-19, "14:10", SYSTEM.actor)
    lines = [("TLB-2012-35", 5), ("BRG-6206-C3", 12)]
    bushes = await teller.order("bushes", "ASHDOWN", SYSTEM, lines, reference="AS-1180", ship_to="BRISTOL")
    await teller.expect("purchase_order", "4690", "MAIN", lines[:1], days.day(-14), "Kestrel Belts")

    await teller.now(-18, "15:00", "warehouse")
    bearings = await teller.send(bushes, "MAIN", {2: 12}, "Northline Parcel", {"NP 4471 1781 20": "4.8"})
    await teller.now(-16, "09:15", "carrier")
    await teller.follow(bearings, "delivered", "Signed by Pugh, central stores")
    await teller.now(-15, "08:20", "erp")
    await teller.expect("purchase_order", "4690", "MAIN", lines[:1], days.day(-6), "Kestrel Belts")

    await teller.now(-11, "10:15", "warehouse")
    await teller.receive("purchase_order", "4688", [Came(1, Decimal(10))])
    await teller.now(-10, "15:30", "warehouse")
    parcel = await teller.send(shafts, "MAIN", {1: 10}, "Northline Parcel", {"NP 4471 1822 41": "31"})
    await teller.now(-7, "11:05", "carrier")
    await teller.follow(parcel, "delivered", "Signed by Rees, workshop")

    await teller.now(-5, "09:00", "warehouse")
    await teller.receive("purchase_order", "4690", [Came(1, Decimal(5))])
    await teller.now(-5, "15:10", "warehouse")
    rest = await teller.send(bushes, "MAIN", {1: 5}, "Northline Parcel", {"NP 4471 1944 06": "2.2"})
    await teller.now(-3, "10:40", "carrier")
    await teller.follow(rest, "delivered", "Signed by Pugh, central stores")
