"""The story that the demo opens with: four weeks of a supplier and its customers, up to the present working day.

Its heart is one order of 38 lines in six situations: 9 in stock; 11 on a supplier order that slipped this afternoon; 4
in the warehouse, but kept for a distributor's contract; 3 that ship from the second location by freight; 6 behind
another customer's backorder; 5 in stock, but waiting for a finance decision.
"""

from portal.db import detail, people, visits
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.seed import cast, catalogue, comings, history, money, ordering
from portal.seed.catalogue import BELTS, CONTROLS, HEAVY, IN_STOCK, RESERVED, SEALS, Item
from portal.seed.telling import ORIGIN, SYSTEM, Days, DemoTeller
from portal.settings import Settings

# The last thing that happens, by the clock on the supplier's wall.
ENDS = "14:12"
THE_ORDER = "4500118236"

PETRA = Viewer(cast.BUYER, "Petra Vogt", ("NORDWIND", "NORDWIND-HULL"), frozenset({"orders:read"}))
LEAH = Viewer("leah.stone@nordwind.example", "Leah Stone", ("NORDWIND-HULL",), frozenset({"orders:read"}))
SAM = Viewer("sam.okafor@meridian.example", "Sam Okafor", ("MERIDIAN",), frozenset({"orders:read"}))

# Which line of the big order holds what: as a planner typed them, not sorted by fate.
AT = {
    IN_STOCK: (1, 2, 4, 5, 8, 12, 19, 26, 33),
    SEALS: (6, 7, 9, 10, 13, 14, 15, 20, 21, 27, 34),
    RESERVED: (3, 16, 22, 35),
    HEAVY: (11, 23, 30),
    BELTS: (17, 18, 24, 28, 31, 36),
    CONTROLS: (25, 29, 32, 37, 38),
}
QUANTITIES = {
    IN_STOCK: (40, 24, 12, 400, 10, 500, 24, 12, 6),
    SEALS: (160, 60, 48, 36, 120, 120, 200, 150, 40, 30, 30),
    RESERVED: (50, 24, 8, 16),
    HEAVY: (4, 3, 12),
    BELTS: (60, 30, 24, 8, 6, 12),
    CONTROLS: (40, 30, 60, 12, 100),
}
ON_THE_SHELF = {IN_STOCK: 1000, RESERVED: 180, CONTROLS: 240}


async def tell(work: Work, settings: Settings, days: Days) -> None:
    """All of it, within an open unit of work, unless it was told already."""
    await work.conn.execute("select pg_advisory_xact_lock(hashtext('portal seed'))")
    if await work.conn.fetchval("select 1 from orders where origin = $1 limit 1", ORIGIN):
        return
    teller = DemoTeller(work, settings, days)
    await teller.now(-20, "08:00", "erp")
    await cast.introduce(work)
    await comings.tell(work, days)
    await catalogue.put(work)
    await catalogue.agree_prices(work, "NORDWIND", days.day(-200))
    await _fill_the_shelves(teller)
    await history.tell(teller)
    await _an_order_that_is_done(teller)
    await _an_order_of_somebody_else(teller)
    await _what_others_wait_for(teller)
    await _an_order_in_two_shipments(teller)
    await _an_order_cancelled_in_part(teller)
    await _an_order_of_the_subsidiary(teller)
    await money.tell(teller)
    await _the_order(teller)
    await ordering.tell(teller)
    await _the_seals_slip(teller)


async def _fill_the_shelves(teller: DemoTeller) -> None:
    for items, on_hand in ON_THE_SHELF.items():
        for item in items:
            await teller.count("MAIN", item.sku, on_hand)
    for item in HEAVY:
        await teller.count("NORTH", item.sku, 40)
    await teller.count("MAIN", "HOS-HYD-12", 600)
    await teller.count("MAIN", "PMP-GR2-16", 12)
    await teller.count("NORTH", "CYL-40-200", 4)
    # A distributor's contract covers all that stands there of these.
    for number, item in enumerate(RESERVED, start=1):
        await teller.keep(f"AA-{number}", "ASHDOWN", "MAIN", item.sku, ON_THE_SHELF[RESERVED])


async def _an_order_that_is_done(teller: DemoTeller) -> None:
    await teller.now(-16, "10:05", PETRA.actor)
    lines = [("BRG-6204-2RS", 60), ("BRG-6206-C3", 20), ("LUB-EP2-400", 48), ("CHN-10B-5", 6)]
    order = await teller.order("bearings", "NORDWIND", PETRA, lines, reference="4500117804", ship_to="LEEDS")
    await teller.now(-15, "15:40", "warehouse")
    parcel = await teller.send(order, "MAIN", _all(lines), "Northline Parcel", {"NP 4471 1802 65": "42.5"})
    await teller.now(-14, "09:42", "carrier")
    await teller.follow(parcel, "delivered", "Signed by Hartley, goods in")


async def _an_order_of_somebody_else(teller: DemoTeller) -> None:
    """A second company: two of its lines wait for the supplier's own works and for an inspection."""
    await teller.now(-12, "11:20", "erp")
    await teller.expect("production", "PR-2207", "MAIN", [("SHF-CUT-30", 40)], teller.days.day(6))
    await teller.count("MAIN", "TLB-2012-35", 20, quarantined=20)
    await teller.expect("inspection", "QC-0918", "MAIN", [("TLB-2012-35", 20)], teller.days.day(2))
    await teller.now(-9, "13:30", SAM.actor)
    lines = [("SHF-CUT-30", 24), ("TLB-2012-35", 20), ("SEN-IND-M12", 16), ("FIT-PP-8", 80)]
    order = await teller.order("meridian", "MERIDIAN", SAM, lines, reference="MP-20931", ship_to="DERBY")
    await teller.now(-8, "16:10", "warehouse")
    parcel = await teller.send(order, "MAIN", {3: 16, 4: 80}, "Northline Parcel", {"NP 4471 1840 02": "3.1"})
    await teller.now(-6, "10:15", "carrier")
    await teller.follow(parcel, "delivered", "Signed by Adeyemi, plant 1")


async def _what_others_wait_for(teller: DemoTeller) -> None:
    """Another customer ordered belts first, and takes all that the belt maker sends."""
    days = teller.days
    await teller.now(-10, "08:30", "erp")
    await teller.expect("purchase_order", "4711", "MAIN", _all_of(SEALS, 240), days.day(1), "Veltrum Seals")
    await teller.now(-7, "14:45", "erp")
    await teller.order("calder", "CALDER", SYSTEM, _all_of(BELTS, 90), reference="CM-7719", ship_to="CARDIFF")
    await teller.expect(
        "purchase_order", "4800", "MAIN", _all_of(BELTS, 90), days.day(9), "Kestrel Belts", confirmed=False
    )


async def _an_order_in_two_shipments(teller: DemoTeller) -> None:
    """One parcel has arrived, a pallet is on the road, and the pumps that are missing are on order."""
    await teller.now(-8, "09:30", PETRA.actor)
    lines = [("PMP-GR2-16", 20), ("CYL-40-200", 4), ("HOS-HYD-12", 120), ("SPR-10B-19", 8)]
    order = await teller.order(
        "hydraulics", "NORDWIND", PETRA, lines, reference="4500117990", ship_to="LEEDS", freight="85.00"
    )
    await teller.now(-7, "15:55", "warehouse")
    parcel = await teller.send(
        order,
        "MAIN",
        {1: 12, 3: 120, 4: 8},
        "Northline Parcel",
        {"NP 4471 1933 10": "18.4", "NP 4471 1933 28": "22.0"},
    )
    await teller.now(-5, "10:20", "carrier")
    await teller.follow(parcel, "delivered", "Signed by Hartley, goods in")
    await teller.now(-4, "11:00", "erp")
    await teller.expect(
        "purchase_order", "4706", "MAIN", [("PMP-GR2-16", 20)], teller.days.day(4), "Ostler Pumps"
    )
    await teller.now(-2, "12:30", "warehouse")
    pallet = await teller.send(
        order, "NORTH", {2: 4}, "Humber Freight", {"HF 2026 8841": "212"}, mode="freight"
    )
    await teller.now(-1, "06:50", "carrier")
    await teller.follow(pallet, "in_transit", "Left the depot in Doncaster")


async def _an_order_cancelled_in_part(teller: DemoTeller) -> None:
    await teller.now(-5, "16:05", PETRA.actor)
    lines = [("CPL-GR28", 12), ("BRG-NU206", 16), ("BLT-XPA-1250", 10)]
    order = await teller.order("couplings", "NORDWIND", PETRA, lines, reference="4500118102", ship_to="LEEDS")
    await teller.now(-4, "08:50", PETRA.actor)
    await teller.cancel(order, {1: 2, 3: 10}, "one press less")
    await teller.now(-2, "14:30", "warehouse")
    parcel = await teller.send(order, "MAIN", {1: 10, 2: 16}, "Northline Parcel", {"NP 4471 1951 77": "27.9"})
    await teller.now(-1, "05:40", "carrier")
    await teller.follow(parcel, "in_transit")
    await teller.now(0, "07:35", "carrier")
    await teller.follow(parcel, "out_for_delivery")


async def _an_order_of_the_subsidiary(teller: DemoTeller) -> None:
    await teller.now(0, "07:50", LEAH.actor)
    lines = [("HOS-HYD-12", 60), ("VLV-SOL-12", 6), ("FRL-12-AL", 2)]
    order = await teller.order("hull", "NORDWIND-HULL", LEAH, lines, reference="HYD-0772", ship_to="HULL")
    await teller.now(0, "08:40", "warehouse")
    await teller.pick(order, "MAIN", {1: 60})
    await teller.pack(order, "MAIN", {1: 60})
    await teller.pick(order, "MAIN", {2: 6})


async def _the_order(teller: DemoTeller) -> None:
    await teller.now(0, "09:15", PETRA.actor)
    wanted = {
        at: (item.sku, quantity)
        for items, lines in AT.items()
        for item, at, quantity in zip(items, lines, QUANTITIES[items], strict=True)
    }
    lines = [wanted[at] for at in sorted(wanted)]
    order = await teller.order(
        "presses", "NORDWIND", PETRA, lines, reference=THE_ORDER, ship_to="LEEDS", freight="180.00"
    )
    await _petra_reads(teller, order)
    await teller.now(0, "10:40", cast.FINANCE)
    await teller.hold(order, "finance", "May this order be invoiced in parts?", AT[CONTROLS])


async def _the_seals_slip(teller: DemoTeller) -> None:
    """Their maker is six working days late."""
    await teller.now(0, ENDS, "erp")
    await teller.expect(
        "purchase_order", "4711", "MAIN", _all_of(SEALS, 240), teller.days.day(7), "Veltrum Seals"
    )
    await teller.work.close_books()


async def _petra_reads(teller: DemoTeller, order: str) -> None:
    """What comes after is new to her."""
    await teller.work.close_books()
    conn = teller.work.conn
    reader, read = await people.by_email(conn, cast.BUYER), await detail.detail(conn, SYSTEM, order)
    assert reader is not None
    assert read is not None
    await visits.mark_read(conn, reader.id, read.id, read.version, teller.days.at(0, "09:20"))


def _all(lines: list[tuple[str, int]]) -> dict[int, int]:
    return {at: quantity for at, (_, quantity) in enumerate(lines, start=1)}


def _all_of(items: tuple[Item, ...], quantity: int) -> list[tuple[str, int]]:
    return [(item.sku, quantity) for item in items]
