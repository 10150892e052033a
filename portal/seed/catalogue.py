"""What the demo's supplier sells: industrial supplies, and what its best customer pays for them."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from portal.db.work import Work
from portal.operations import cataloguing
from portal.operations.cataloguing import Price, PriceTerms, ProductFacts


class Item(NamedTuple):
    """A product; `per` is its unit by UN/ECE Recommendation 20."""

    sku: str
    name: str
    price: str
    category: str
    mode: str = "parcel"
    lead_time: int | None = None
    per: str = "C62"


IN_STOCK = (
    Item("BRG-6204-2RS", "Ball bearing 20 × 47 × 14, sealed", "6.85", "Bearings"),
    Item("BRG-6206-C3", "Ball bearing 30 × 62 × 16, C3", "8.40", "Bearings"),
    Item("BRG-NU206", "Cylindrical roller bearing 30 × 62 × 16", "24.90", "Bearings"),
    Item("SCR-M10-50", "Hex screw M10 × 50, 8.8, zinc", "0.214", "Fasteners"),
    Item("CPL-GR28", "Jaw coupling size 28, steel", "38.90", "Couplings"),
    Item("WSH-M8-HV", "Washer M8, hardened", "0.046", "Fasteners"),
    Item("LUB-EP2-400", "Grease cartridge EP2, 400 g", "5.60", "Lubricants"),
    Item("CHN-10B-5", "Roller chain 10B-1, 5 m", "32.60", "Chains"),
    Item("SPR-10B-19", "Sprocket 10B-1, 19 teeth", "17.45", "Chains"),
)
RESERVED = (
    Item("SCR-M8-40", "Hex screw M8 × 40, 8.8, zinc", "0.118", "Fasteners"),
    Item("LIN-HG25", "Linear guide carriage size 25", "54.30", "Linear motion"),
    Item("LIN-R25-1200", "Linear guide rail size 25, 1,200 mm", "71.80", "Linear motion"),
    Item("LIN-STP-25", "End stop for rail size 25", "4.90", "Linear motion"),
)
SEALS = (
    Item("SEA-V40", "V-ring seal 40 mm, NBR", "1.35", "Seals"),
    Item("SEA-RS-35", "Shaft seal 35 × 52 × 7, FKM", "4.62", "Seals"),
    Item("SEA-RS-40", "Shaft seal 40 × 62 × 7, FKM", "5.10", "Seals"),
    Item("SEA-RS-45", "Shaft seal 45 × 62 × 8, FKM", "5.85", "Seals"),
    Item("SEA-V50", "V-ring seal 50 mm, NBR", "1.62", "Seals"),
    Item("SEA-V60", "V-ring seal 60 mm, NBR", "1.98", "Seals"),
    Item("SEA-OR-40", "O-ring 40 × 3, FKM", "0.72", "Seals"),
    Item("SEA-OR-60", "O-ring 60 × 4, FKM", "1.14", "Seals"),
    Item("SEA-GSK-80", "Flange gasket DN 80, aramid", "2.35", "Seals"),
    Item("SEA-WIP-32", "Wiper 32 × 40 × 7, PU", "3.05", "Seals"),
    Item("SEA-ROD-32", "Rod seal 32 × 42 × 10, PU", "3.90", "Seals"),
)
HEAVY = (
    Item("MOT-IE4-075", "Motor IE4 7.5 kW, B3, 1,465 rpm", "612.00", "Motors", "freight"),
    Item("GBX-H63-20", "Helical gearbox 63, i = 20", "438.00", "Gearboxes", "freight"),
    Item("FRM-PRF-45", "Aluminium profile 45 × 45, 6 m", "64.20", "Profiles", "freight"),
)
BELTS = (
    Item("BLT-XPA-1250", "V-belt XPA 1250", "7.42", "Belts", lead_time=17),
    Item("BLT-XPA-1400", "V-belt XPA 1400", "8.05", "Belts"),
    Item("BLT-XPB-1600", "V-belt XPB 1600", "11.70", "Belts", lead_time=17),
    Item("PUL-SPA-160", "V-belt pulley SPA 160, 2 grooves", "28.40", "Belts"),
    Item("PUL-SPA-200", "V-belt pulley SPA 200, 2 grooves", "36.10", "Belts"),
    Item("TLB-2012-35", "Taper bush 2012, bore 35 mm", "9.80", "Belts"),
)
CONTROLS = (
    Item("SEN-IND-M12", "Inductive sensor M12, PNP", "21.40", "Controls"),
    Item("VLV-SOL-12", 'Solenoid valve 1/2", 24 V DC', "46.20", "Controls"),
    Item("CAB-M12-5", "Sensor cable M12, 5 m", "8.75", "Controls"),
    Item("FRL-12-AL", 'Filter regulator lubricator 1/2"', "58.00", "Controls"),
    Item("FIT-PP-8", "Push-in fitting 8 mm, G 1/4", "1.92", "Controls"),
)
OTHERS = (
    Item("HOS-HYD-12", 'Hydraulic hose 1/2", 2 wires, by the metre', "7.35", "Hydraulics", per="MTR"),
    Item("CYL-40-200", "Hydraulic cylinder 40 mm, 200 mm stroke", "184.00", "Hydraulics", "freight"),
    Item("PMP-GR2-16", "Gear pump group 2, 16 cm³", "132.50", "Hydraulics"),
    Item("SHF-CUT-30", "Precision shaft 30 mm, cut to length", "26.90", "Linear motion"),
)
PRODUCTS = (*IN_STOCK, *RESERVED, *SEALS, *HEAVY, *BELTS, *CONTROLS, *OTHERS)

# In kg for each unit, packed.
WEIGHTS = {
    "BRG-6204-2RS": "0.11", "BRG-6206-C3": "0.20", "BRG-NU206": "0.21", "SCR-M10-50": "0.041", "CPL-GR28": "1.45",
    "WSH-M8-HV": "0.002", "LUB-EP2-400": "0.46", "CHN-10B-5": "4.75", "SPR-10B-19": "0.62", "SCR-M8-40": "0.021",
    "LIN-HG25": "0.53", "LIN-R25-1200": "3.86", "LIN-STP-25": "0.05", "SEA-V40": "0.01", "SEA-RS-35": "0.03",
    "SEA-RS-40": "0.04", "SEA-RS-45": "0.05", "SEA-V50": "0.02", "SEA-V60": "0.02", "SEA-OR-40": "0.003",
    "SEA-OR-60": "0.008", "SEA-GSK-80": "0.06", "SEA-WIP-32": "0.01", "SEA-ROD-32": "0.02", "MOT-IE4-075": "68.5",
    "GBX-H63-20": "41", "FRM-PRF-45": "9.6", "BLT-XPA-1250": "0.15", "BLT-XPA-1400": "0.17", "BLT-XPB-1600": "0.31",
    "PUL-SPA-160": "2.1", "PUL-SPA-200": "2.9", "TLB-2012-35": "0.63", "SEN-IND-M12": "0.05", "VLV-SOL-12": "0.48",
    "CAB-M12-5": "0.22", "FRL-12-AL": "0.85", "FIT-PP-8": "0.02", "HOS-HYD-12": "0.42", "CYL-40-200": "8.4",
    "PMP-GR2-16": "3.2", "SHF-CUT-30": "5.6",
}  # fmt: skip

# The best customer pays less for what it buys most, and less again from a quantity on.
AGREED = {
    "BRG-6204-2RS": (50, "6.20"),
    "SCR-M8-40": (500, "0.102"),
    "SEA-V40": (200, "1.18"),
    "CHN-10B-5": (10, "29.90"),
}


async def put(work: Work) -> None:
    """Put every product into the portal."""
    for item in PRODUCTS:
        await cataloguing.put_product(work, facts(item))


def facts(item: Item) -> ProductFacts:
    """A product that is counted and may be backordered."""
    return ProductFacts(
        sku=item.sku,
        name=item.name,
        unit=item.per,
        list_price=Decimal(item.price),
        list_currency="GBP",
        tax_category="standard",
        mode=item.mode,
        weight_kg=Decimal(WEIGHTS[item.sku]) if item.sku in WEIGHTS else None,
        category=item.category,
        managed=True,
        backorders="allow",
        lead_time_days=item.lead_time,
        active=True,
    )


async def agree_prices(work: Work, account: str, since: date) -> None:
    """The list price from the first piece, the agreed one from a quantity on."""
    listed = {item.sku: item.price for item in PRODUCTS}
    prices = [
        Price(sku, Decimal(amount), Decimal(quantity))
        for sku, (least, agreed) in AGREED.items()
        for quantity, amount in ((0, listed[sku]), (least, agreed))
    ]
    await cataloguing.put_price_agreement(work, PriceTerms("PA-7", account, "GBP", since, None, prices))
