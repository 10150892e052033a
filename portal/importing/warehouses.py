"""The two places that wholesale goods stand in and leave from."""

from decimal import Decimal

from portal.db.work import Work
from portal.domain.freight import Tariff
from portal.operations import cataloguing
from portal.operations.cataloguing import Address, LocationFacts


def _tariffs(code: str) -> tuple[Tariff, ...]:
    """A parcel is free with goods worth 500.00; a pallet never is."""
    return (
        Tariff(code, "parcel", "GBP", Decimal("6.50"), Decimal("0.40"), Decimal(500)),
        Tariff(code, "freight", "GBP", Decimal("48.00"), Decimal("0.12")),
    )


MAIN = LocationFacts(
    code="MAIN",
    name="Leicester",
    address=Address(["14 Harrow Way", "Meridian Business Park"], "Leicester", "GB", "LE19 1WR"),
    time_zone="Europe/London",
    working_days=("mon", "tue", "wed", "thu", "fri"),
    holiday_calendar="GB",
    receiving_days=1,
    handling_days=1,
    transit_days={"parcel": 2, "freight": 3},
    freight_tariffs=_tariffs("MAIN"),
)
NORTH = LocationFacts(
    code="NORTH",
    name="Grimsby",
    address=Address(["Dock Road 3"], "Grimsby", "GB", "DN31 3LL"),
    time_zone="Europe/London",
    working_days=("mon", "tue", "wed", "thu", "fri"),
    holiday_calendar="GB",
    receiving_days=1,
    handling_days=1,
    transit_days={"parcel": 2, "freight": 4},
    freight_tariffs=_tariffs("NORTH"),
)


async def put_missing(work: Work) -> None:
    """A place that the portal has under this code already stays as it is."""
    for place in (MAIN, NORTH):
        if not await work.conn.fetchval("select 1 from location where code = $1", place.code):
            await cataloguing.put_location(work, place)
