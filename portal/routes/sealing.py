"""What a page has shown, sealed into its form: it comes back as it was, or not at all.

So that what somebody agreed to need not be computed again to be believed.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from portal.domain.checkout import Shown, ShownLine

# After so long a review is looked at anew before anything is ordered.
GOOD_FOR = 3600


def seal(secret: str, shown: Shown, person_id: int | None) -> str:
    """A line of text for a hidden field."""
    said: dict[str, Any] = {
        "c": shown.cart_id,
        "v": shown.version,
        "w": person_id,
        "t": shown.ship_to,
        "p": shown.preference,
        "r": _iso(shown.requested_on),
        "k": shown.cost_centre,
        "f": str(shown.freight),
        "l": [[place, str(line.unit_price), _iso(line.arrives_on)] for place, line in shown.lines.items()],
        "a": shown.at.isoformat(),
    }
    return str(_serializer(secret).dumps(said))


def unseal(secret: str, sealed: str, person_id: int | None) -> Shown | None:
    """None when it is too old, was for somebody else, or was not sealed here."""
    try:
        said = _serializer(secret).loads(sealed, max_age=GOOD_FOR)
        if said["w"] != person_id:
            return None
        lines = {place: ShownLine(Decimal(price), _day(day)) for place, price, day in said["l"]}
        return Shown(
            said["c"], said["v"], said["t"], said["p"], _day(said["r"]), said["k"], Decimal(said["f"]), lines,
            datetime.fromisoformat(said["a"]),
        )  # fmt: skip
    except (BadData, KeyError, TypeError, ValueError, InvalidOperation):
        return None


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="review")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(raw: str | None) -> date | None:
    return date.fromisoformat(raw) if raw else None
